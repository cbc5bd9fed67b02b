/** A list from the API as a table: page after page, with what is wrong and what is missing said in words. */

import { Button, Loader, Stack, Table, Text } from "@mantine/core";
import { type QueryKey, useInfiniteQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";

interface Page<Item> {
  items: Item[];
  cursor?: string | null;
}

/** All items that were read so far, and how to read on. */
export function usePaged<Item>(key: QueryKey, read: (cursor: string | undefined) => Promise<Page<Item>>) {
  const found = useInfiniteQuery({
    queryKey: key,
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) => read(pageParam),
    getNextPageParam: (page) => page.cursor ?? undefined,
    placeholderData: (before) => before,
  });
  return { ...found, items: found.data?.pages.flatMap((page) => page.items) ?? [] };
}

/** What a table needs to know of a query. */
interface Source {
  isLoading: boolean;
  error: Error | null;
  hasNextPage?: boolean;
  isFetchingNextPage?: boolean;
  fetchNextPage?: () => unknown;
}

export function Rows<Item>({
  label,
  heads,
  items,
  source,
  empty,
  width = 640,
  children,
}: {
  /** What the table is a list of. */
  label: string;
  heads: string[];
  items: Item[];
  source: Source;
  /** Said where there is nothing. */
  empty: string;
  /** Narrower than this, in pixels, the table scrolls. */
  width?: number;
  children: (item: Item) => ReactNode;
}) {
  if (source.error)
    return (
      <Text c="red" role="alert">
        {source.error.message}
      </Text>
    );
  if (source.isLoading) return <Loader aria-label="Loading" />;
  return (
    <Stack>
      <Table.ScrollContainer
        type="native"
        minWidth={width}
        className="card"
        tabIndex={0}
        aria-label={label}
        role="region"
      >
        <Table highlightOnHover verticalSpacing="sm" aria-label={label}>
          <Table.Thead>
            <Table.Tr>
              {heads.map((head) => (
                <Table.Th key={head} style={{ whiteSpace: "nowrap" }}>
                  {head}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>{items.map(children)}</Table.Tbody>
        </Table>
        {items.length === 0 && (
          <Text c="dimmed" p="md">
            {empty}
          </Text>
        )}
      </Table.ScrollContainer>
      {source.hasNextPage && (
        <Button
          variant="default"
          w="fit-content"
          loading={source.isFetchingNextPage}
          onClick={() => source.fetchNextPage?.()}
        >
          Show more
        </Button>
      )}
    </Stack>
  );
}
