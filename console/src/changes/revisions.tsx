/** Revisions: what was applied, by whom and why, the newest first. */

import { Anchor, Badge, Button, Group, Loader, Stack, Table, Text } from "@mantine/core";
import { IconHistory } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { client, told } from "../api/client";
import { Heading } from "../parts/heading";
import { time } from "../words";

export function RevisionsPage() {
  const list = useInfiniteQuery({
    queryKey: ["revisions", "list"],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }) =>
      told(
        client.GET("/api/v1/revisions", {
          params: { query: { limit: 50, ...(pageParam ? { cursor: pageParam } : {}) } },
        }),
      ),
    getNextPageParam: (page) => page.cursor,
  });
  const items = list.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Stack>
      <Heading
        title="Revisions"
        icon={IconHistory}
        about="Each apply makes one, and none is ever changed. A conversation follows the revision that it began with."
      />
      {list.isLoading && <Loader aria-label="Loading" />}
      {list.error && <Text c="red">{list.error.message}</Text>}
      {list.isSuccess && items.length === 0 && <Text c="dimmed">Nothing was applied yet.</Text>}
      {items.length > 0 && (
        <Table.ScrollContainer minWidth={640} className="card">
          <Table verticalSpacing="sm" highlightOnHover>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Revision</Table.Th>
                <Table.Th>Note</Table.Th>
                <Table.Th>Author</Table.Th>
                <Table.Th>Time</Table.Th>
                <Table.Th>Open conversations</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {items.map((one) => (
                <Table.Tr key={one.number}>
                  <Table.Td>
                    <Group gap="xs" wrap="nowrap">
                      <Anchor component={Link} to={`/revisions/${one.number}`} fw={600}>
                        Revision {one.number}
                      </Anchor>
                      {one.current && (
                        <Badge color="green" variant="light">
                          current
                        </Badge>
                      )}
                    </Group>
                  </Table.Td>
                  <Table.Td>
                    {one.note}
                    {one.override_reason && (
                      <Text size="xs" fs="italic">
                        although scenarios failed: {one.override_reason}
                      </Text>
                    )}
                  </Table.Td>
                  <Table.Td>{one.author}</Table.Td>
                  <Table.Td style={{ whiteSpace: "nowrap" }}>{time(one.created_at)}</Table.Td>
                  <Table.Td>
                    {one.open_conversations > 0 ? (
                      <Anchor component={Link} to={`/conversations?revision=${one.number}&state=open`}>
                        {one.open_conversations.toLocaleString()}
                      </Anchor>
                    ) : (
                      <Text size="sm" c="dimmed">
                        none
                      </Text>
                    )}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      {list.hasNextPage && (
        <Button
          variant="default"
          w="fit-content"
          loading={list.isFetchingNextPage}
          onClick={() => list.fetchNextPage()}
        >
          Show more
        </Button>
      )}
    </Stack>
  );
}
