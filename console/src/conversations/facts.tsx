/** What belongs to a conversation: its customer, its revision, its stay with people, its offers and tickets. */

import { Anchor, Avatar, Card, Code, Group, Stack, Table, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { client, told } from "../api/client";
import { ago, time } from "../words";
import { contactId, nameOf, titleOf, useProduction, type WholeTalk } from "./queries";

const WHY: Record<string, string> = {
  wanted: "it was transferred to them",
  last_agent: "they had this customer last",
  longest: "it was their turn",
};

export function Facts({ talk }: { talk: WholeTalk }) {
  const document = useProduction();
  const fields = Object.entries(talk.fields);
  return (
    <Stack gap="sm">
      <Card withBorder p="sm">
        <Group wrap="nowrap" mb="xs">
          <Avatar
            src={talk.picture}
            name={nameOf(talk.customer)}
            color="initials"
            size={44}
            radius="xl"
            alt=""
          />
          <div>
            <Anchor component={Link} to={`/contacts/${contactId(talk)}`} fw={600}>
              {nameOf(talk.customer)}
            </Anchor>
            <Text size="xs" c="dimmed">
              {talk.customer.username ? `@${talk.customer.username} · ` : ""}
              {talk.customer.id}
            </Text>
          </div>
        </Group>
        {fields.length > 0 && (
          <Pairs>
            {fields.map(([name, value]) => (
              <Pair key={name} name={titleOf(document, `custom_fields/${name}`).split("/").at(-1) ?? name}>
                {typeof value === "string" ? value : JSON.stringify(value)}
              </Pair>
            ))}
          </Pairs>
        )}
      </Card>
      <Card withBorder p="sm">
        <Pairs>
          <Pair name="Name">
            <Code>{talk.name}</Code>
          </Pair>
          <Pair name="Connector">
            <Anchor component={Link} to={`/routing/connectors/${talk.connector}`} size="sm">
              {titleOf(document, `connectors/${talk.connector}`)}
            </Anchor>
          </Pair>
          <Pair name="Account">{talk.account}</Pair>
          <Pair name="Revision">
            <Anchor component={Link} to={`/revisions/${talk.revision}`} size="sm" underline="always">
              {talk.revision}
            </Anchor>
            {talk.followed && `, ${talk.followed.author}: ${talk.followed.note}`}
          </Pair>
          <Pair name="Opened">{time(talk.opened_at)}</Pair>
          <Pair name="Customer wrote last">{time(talk.last_customer_at)}</Pair>
          {talk.ended_at && <Pair name="Ended">{time(talk.ended_at)}</Pair>}
          {talk.terminate && <Pair name="Through">{titleOf(document, `terminates/${talk.terminate}`)}</Pair>}
          {talk.queue && <Pair name="Queue">{titleOf(document, `queues/${talk.queue}`)}</Pair>}
          <Pair name="Language">{talk.language ?? "not sure yet"}</Pair>
          {talk.tickets.length > 0 && (
            <Pair name="Tickets">
              {talk.tickets.map((number) => (
                <Anchor key={number} component={Link} to={`/tickets/${number}`} size="sm" mr="xs">
                  {number}
                </Anchor>
              ))}
            </Pair>
          )}
        </Pairs>
      </Card>
      <Offers name={talk.name} />
    </Stack>
  );
}

function Offers({ name }: { name: string }) {
  const offers = useQuery({
    queryKey: ["offers", "of", name],
    queryFn: () => told(client.GET("/api/v1/conversations/{name}/offers", { params: { path: { name } } })),
  });
  if (!offers.data?.items.length) return null;
  return (
    <Card withBorder p="sm">
      <Title order={2} size="h5" mb={4}>
        Whom it was offered to
      </Title>
      {offers.data.items.map((one) => (
        <Text size="sm" key={`${one.agent} ${one.offered_at}`}>
          {one.agent}, {ago(one.offered_at)}, since {WHY[one.why] ?? one.why}: {one.outcome ?? "it rings"}
        </Text>
      ))}
    </Card>
  );
}

function Pairs({ children }: { children: ReactNode }) {
  return (
    <Table verticalSpacing={4} withRowBorders={false} fz="sm">
      <Table.Tbody>{children}</Table.Tbody>
    </Table>
  );
}

function Pair({ name, children }: { name: string; children: ReactNode }) {
  return (
    <Table.Tr>
      <Table.Th w={150} fw={500} c="dimmed" style={{ verticalAlign: "top" }}>
        {name}
      </Table.Th>
      <Table.Td style={{ overflowWrap: "anywhere" }}>{children}</Table.Td>
    </Table.Tr>
  );
}
