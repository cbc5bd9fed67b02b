/** All entities of a kind: search, state, and the way to each and to its diagram. */

import { ActionIcon, Anchor, Badge, Button, Stack, Table, Text, TextInput, Tooltip } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconBinaryTree, IconPlus, IconSearch } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useParams, useSearchParams } from "react-router";
import { client, told } from "../api/client";
import { useMay } from "../api/session";
import { type Kind, kindOf } from "../kinds";
import { Heading } from "../parts/heading";
import { Missing } from "../shell/missing";
import { ago } from "../words";
import { NewEntity } from "./new";

const COLOURS: Record<string, string> = { added: "green", changed: "yellow", removed: "red" };
const WORDS: Record<string, string> = {
  added: "new",
  changed: "changed",
  removed: "removed",
  same: "in production",
};

export function EntityList() {
  const kind = kindOf(useParams().kind ?? "");
  return kind === undefined ? <Missing /> : <ListOf key={kind.kind} kind={kind} />;
}

function ListOf({ kind }: { kind: Kind }) {
  const supervisor = useMay("supervisor");
  const admin = useMay("admin");
  const [query, setQuery] = useSearchParams();
  const [words, setWords] = useState(query.get("search") ?? "");
  const [search] = useDebouncedValue(words, 200);
  const creating = query.get("new") !== null && admin;
  const list = useInfiniteQuery({
    queryKey: ["entities", kind.kind, search, supervisor],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }): Promise<{ items: Row[]; cursor: string | null }> => {
      const path = { kind: kind.kind as never };
      const asked = {
        limit: 100,
        ...(search ? { search } : {}),
        ...(pageParam ? { cursor: pageParam } : {}),
      };
      return supervisor
        ? told(client.GET("/api/v1/sandbox/{kind}", { params: { path, query: asked } }))
        : told(client.GET("/api/v1/production/{kind}", { params: { path, query: asked } }));
    },
    getNextPageParam: (page) => page.cursor,
  });
  const items = list.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Stack>
      <Heading title={kind.many} icon={kind.icon} about={kind.about}>
        {admin && (
          <Button leftSection={<IconPlus size={16} />} onClick={() => setQuery({ new: "1" })}>
            Add new
          </Button>
        )}
      </Heading>
      <TextInput
        aria-label={`Search ${kind.many}`}
        placeholder="Search name, title and description"
        leftSection={<IconSearch size={16} />}
        value={words}
        onChange={(event) => setWords(event.currentTarget.value)}
        maw={420}
      />
      {list.error && <Text c="red">{list.error.message}</Text>}
      <Table.ScrollContainer minWidth={560} className="card">
        <Table highlightOnHover verticalSpacing="sm">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Title</Table.Th>
              <Table.Th>Name</Table.Th>
              {supervisor && <Table.Th>State</Table.Th>}
              <Table.Th>Last changed</Table.Th>
              {kind.tree && <Table.Th w={90}>Actions</Table.Th>}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {items.map((one) => (
              <Table.Tr key={one.name}>
                <Table.Td>
                  <Anchor component={Link} to={`/routing/${kind.kind}/${one.name}`} fw={500}>
                    {one.title ?? one.name}
                  </Anchor>
                  {one.description && (
                    <Text size="xs" c="dimmed" lineClamp={1}>
                      {one.description}
                    </Text>
                  )}
                </Table.Td>
                <Table.Td>
                  <Text size="sm" c="dimmed">
                    {one.name}
                  </Text>
                </Table.Td>
                {supervisor && (
                  <Table.Td>
                    <Badge variant="light" color={COLOURS[one.state ?? ""] ?? "gray"}>
                      {WORDS[one.state ?? ""] ?? one.state}
                    </Badge>
                  </Table.Td>
                )}
                <Table.Td>
                  <Text size="sm">{changedOf(one)}</Text>
                </Table.Td>
                {kind.tree && (
                  <Table.Td>
                    <Tooltip label="Diagram tree">
                      <ActionIcon
                        component={Link}
                        to={`/trees/${kind.kind}/${one.name}`}
                        aria-label={`Diagram tree of ${one.title ?? one.name}`}
                      >
                        <IconBinaryTree size={18} />
                      </ActionIcon>
                    </Tooltip>
                  </Table.Td>
                )}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
        {list.isSuccess && items.length === 0 && (
          <Text c="dimmed" p="md">
            {search
              ? "Nothing has this in its name, title or description."
              : `There are no ${kind.many.toLowerCase()} yet.`}
          </Text>
        )}
      </Table.ScrollContainer>
      {list.hasNextPage && (
        <Button
          variant="default"
          onClick={() => list.fetchNextPage()}
          loading={list.isFetchingNextPage}
          w="fit-content"
        >
          Show more
        </Button>
      )}
      {admin && <NewEntity kind={kind} opened={creating} onClose={() => setQuery({})} />}
    </Stack>
  );
}

interface Row {
  name: string;
  title: string | null;
  description: string | null;
  state?: string;
  author?: string;
  changed_at?: string;
  sandbox?: { author: string; changed_at: string } | null;
  production?: { author: string; changed_at: string } | null;
}

function changedOf(one: Row): string {
  const last = one.sandbox ?? one.production ?? one;
  return last.changed_at ? `${ago(last.changed_at)} by ${last.author}` : "";
}
