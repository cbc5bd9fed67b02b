/** Queues and open conversations, as they are now. */

import { Badge, Stack, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { client, told } from "../api/client";
import { nameOf } from "../conversations/queries";
import { LastLine } from "../conversations/row";
import { useNow } from "../conversations/window";
import { ago, lasting } from "../words";
import { Entry, Nothing, Part } from "./part";

const SHOWN = 8;

export function Queues() {
  const now = useNow(5_000);
  const queues = useQuery({
    queryKey: ["queues"],
    queryFn: () => told(client.GET("/api/v1/queues")),
    refetchInterval: 30_000,
  });
  const aside = queues.data?.unassigned;
  const rows = [
    ...(queues.data?.items ?? []).map((one) => ({ ...one, title: one.title ?? one.name })),
    ...(aside && aside.waiting + aside.with_agents > 0
      ? [{ ...aside, name: "", title: "Unassigned", ready: null }]
      : []),
  ];
  return (
    <Part title="Queues" error={queues.error}>
      {rows.length > 0 && (
        <Table.ScrollContainer
          minWidth={290}
          scrollAreaProps={{ viewportProps: { tabIndex: 0, role: "group", "aria-label": "Queues now" } }}
        >
          <Table horizontalSpacing={6} fz="sm">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Queue</Table.Th>
                <Table.Th>Waiting</Table.Th>
                <Table.Th>Longest</Table.Th>
                <Table.Th visibleFrom="xs">With agents</Table.Th>
                <Table.Th>Ready</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows.map((one) => (
                <Table.Tr key={one.name}>
                  <Table.Td>{one.title}</Table.Td>
                  <Table.Td>
                    {one.waiting > 0 ? (
                      <Badge color="#b8420a">{one.waiting}</Badge>
                    ) : (
                      <Text size="sm">0</Text>
                    )}
                  </Table.Td>
                  <Table.Td>
                    {one.waiting_since ? lasting((now - new Date(one.waiting_since).getTime()) / 1000) : ""}
                  </Table.Td>
                  <Table.Td visibleFrom="xs">{one.with_agents}</Table.Td>
                  <Table.Td title={one.ready?.join(", ")}>{one.ready?.length ?? ""}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      {queues.data && rows.length === 0 && <Nothing>Production has no queue yet.</Nothing>}
    </Part>
  );
}

export function OpenTalks() {
  const open = useQuery({
    queryKey: ["conversations", "open"],
    queryFn: () =>
      told(client.GET("/api/v1/conversations", { params: { query: { state: "open", limit: SHOWN } } })),
  });
  return (
    <Part title="Open conversations" to="/conversations?state=open" error={open.error}>
      <Stack gap={0}>
        {open.data?.items.map((one) => (
          <Entry
            key={one.name}
            to={`/conversations/${one.name}`}
            title={nameOf(one.customer)}
            about={
              <>
                <LastLine talk={one} /> · {one.place_title ?? one.place}
              </>
            }
            aside={ago(one.last_line?.at ?? one.opened_at)}
          />
        ))}
      </Stack>
      {open.data?.items.length === 0 && <Nothing>No conversation is open.</Nothing>}
    </Part>
  );
}
