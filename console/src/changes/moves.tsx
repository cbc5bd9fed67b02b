/** Conversations that were to move to a revision, and what came of each. */

import { Anchor, Badge, Button, Group, SegmentedControl, Stack, Table, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { client, type Schemas, told } from "../api/client";
import { ago } from "../words";
import { Place } from "./place";

type State = Schemas["MoveItem"]["state"];
const COLOURS: Record<State, string> = { moved: "green", refused: "red", ended: "gray", waiting: "blue" };

export function useMoves(number: number, state: State | "all") {
  return useInfiniteQuery({
    queryKey: ["moves", number, state],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }) =>
      told(
        client.GET("/api/v1/revisions/{number}/moves", {
          params: {
            path: { number },
            query: {
              ...(state === "all" ? {} : { state }),
              ...(pageParam ? { cursor: pageParam } : {}),
            },
          },
        }),
      ),
    getNextPageParam: (page) => page.cursor,
    // As long as some are under way, one wants to see how it goes.
    refetchInterval: (query) => ((query.state.data?.pages[0]?.waiting ?? 0) > 0 ? 2_000 : false),
  });
}

export function Moves({ number }: { number: number }) {
  const [state, setState] = useState<State | "all">("all");
  const moves = useMoves(number, state);
  const first = moves.data?.pages[0];
  const items = moves.data?.pages.flatMap((page) => page.items) ?? [];
  const total = first ? first.moved + first.refused + first.ended + first.waiting : 0;
  if (!first) return <Text c={moves.error ? "red" : "dimmed"}>{moves.error?.message ?? "Loading"}</Text>;
  return (
    <Stack gap="sm">
      <SegmentedControl
        aria-label="Which moves"
        w="fit-content"
        maw="100%"
        style={{ overflowX: "auto" }}
        value={state}
        onChange={(value) => setState(value as typeof state)}
        data={[
          { value: "all", label: `All ${total}` },
          { value: "moved", label: `${first.moved} moved` },
          { value: "refused", label: `${first.refused} refused` },
          { value: "waiting", label: `${first.waiting} waiting` },
          { value: "ended", label: `${first.ended} ended` },
        ]}
      />
      {items.length > 0 && (
        <Table.ScrollContainer minWidth={620}>
          <Table verticalSpacing="xs">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Conversation</Table.Th>
                <Table.Th>From</Table.Th>
                <Table.Th>State</Table.Th>
                <Table.Th>Where it stood</Table.Th>
                <Table.Th>Why</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {items.map((one) => (
                <Table.Tr key={one.conversation}>
                  <Table.Td>
                    <Anchor component={Link} to={`/conversations/${one.conversation}`} size="sm">
                      {one.conversation}
                    </Anchor>
                  </Table.Td>
                  <Table.Td>Revision {one.before}</Table.Td>
                  <Table.Td>
                    <Group gap={6} wrap="nowrap">
                      <Badge variant="light" color={COLOURS[one.state]}>
                        {one.state}
                      </Badge>
                      <Text size="xs" c="dimmed">
                        {ago(one.settled_at)}
                      </Text>
                    </Group>
                  </Table.Td>
                  <Table.Td>{one.path && <Place path={one.path} />}</Table.Td>
                  <Table.Td>{one.reason}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      {items.length === 0 && <Text c="dimmed">None.</Text>}
      {moves.hasNextPage && (
        <Button
          variant="default"
          w="fit-content"
          loading={moves.isFetchingNextPage}
          onClick={() => moves.fetchNextPage()}
        >
          Show more
        </Button>
      )}
    </Stack>
  );
}
