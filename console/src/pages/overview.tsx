/** The first page: what runs now, and what needs somebody. */

import { Badge, Card, Group, SimpleGrid, Stack, Table, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { client, told } from "../api/client";
import { useSession } from "../api/session";
import { ago } from "../words";

export function Overview() {
  const session = useSession();
  const queues = useQuery({
    queryKey: ["queues"],
    queryFn: () => told(client.GET("/api/v1/queues")),
    refetchInterval: 10_000,
  });
  const open = useQuery({
    queryKey: ["conversations", "open"],
    queryFn: () =>
      told(client.GET("/api/v1/conversations", { params: { query: { state: "open", limit: 8 } } })),
    refetchInterval: 10_000,
  });
  return (
    <Stack>
      <Title order={1} size="h2">
        Hello, {session.display_name}
      </Title>
      <SimpleGrid cols={{ base: 1, lg: 2 }}>
        <Card withBorder>
          <Title order={2} size="h4" mb="sm">
            Queues
          </Title>
          <Table>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Queue</Table.Th>
                <Table.Th>Waiting</Table.Th>
                <Table.Th>With agents</Table.Th>
                <Table.Th>Longest wait</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {queues.data?.items.map((one) => (
                <Table.Tr key={one.name}>
                  <Table.Td>{one.title ?? one.name}</Table.Td>
                  <Table.Td>
                    {one.waiting > 0 ? <Badge color="orange">{one.waiting}</Badge> : <Text size="sm">0</Text>}
                  </Table.Td>
                  <Table.Td>{one.with_agents}</Table.Td>
                  <Table.Td>{ago(one.waiting_since)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
          {queues.data?.items.length === 0 && (
            <Text c="dimmed" size="sm">
              Production has no queue yet.
            </Text>
          )}
        </Card>
        <Card withBorder>
          <Title order={2} size="h4" mb="sm">
            Open conversations
          </Title>
          <Stack gap={0}>
            {open.data?.items.map((one) => (
              <Group
                key={one.name}
                component={Link}
                // @ts-expect-error: Group passes on what the link needs
                to={`/conversations/${one.name}`}
                justify="space-between"
                wrap="nowrap"
                py={6}
                c="inherit"
                td="none"
              >
                <div style={{ minWidth: 0 }}>
                  <Text size="sm" fw={500} truncate>
                    {one.customer.name ?? one.customer.username ?? one.customer.id}
                  </Text>
                  <Text size="xs" c="dimmed" truncate>
                    {one.last_line?.text ?? one.place_title ?? one.place}
                  </Text>
                </div>
                <Text size="xs" c="dimmed" style={{ whiteSpace: "nowrap" }}>
                  {ago(one.last_customer_at ?? one.opened_at)}
                </Text>
              </Group>
            ))}
          </Stack>
          {open.data?.items.length === 0 && (
            <Text c="dimmed" size="sm">
              No conversation is open.
            </Text>
          )}
        </Card>
      </SimpleGrid>
    </Stack>
  );
}
