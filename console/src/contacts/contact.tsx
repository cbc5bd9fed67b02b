/** One customer: profile, custom fields, language, conversations and tickets; export and erasure. */

import {
  Anchor,
  Avatar,
  Badge,
  Button,
  Card,
  Group,
  Loader,
  SimpleGrid,
  Stack,
  Table,
  Text,
  Title,
} from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useParams } from "react-router";
import { client, Refused, type Schemas, whole } from "../api/client";
import { useMay } from "../api/session";
import { Heading } from "../parts/heading";
import { Rows } from "../parts/rows";
import { Missing } from "../shell/missing";
import { Due, StageBadge } from "../tickets/choices";
import { ago, time } from "../words";
import { Erase } from "./erase";
import { CustomFields } from "./fields";
import { CONTACTS, nameOf } from "./list";

type OneContact = Schemas["OneContact"];

export function ContactPage() {
  const { id = "" } = useParams();
  const contact = useQuery({
    queryKey: [...CONTACTS, id],
    queryFn: () => whole(client.GET("/api/v1/contacts/{id}", { params: { path: { id } } })),
    refetchOnWindowFocus: false,
  });
  if (contact.isLoading) return <Loader aria-label="Loading" />;
  if (contact.error instanceof Refused && [404, 422].includes(contact.error.status))
    return <Missing what="contact" />;
  if (!contact.data) return <Text c="red">{contact.error?.message}</Text>;
  return <Opened key={id} contact={contact.data.data} etag={contact.data.etag} />;
}

function Opened({ contact, etag }: { contact: OneContact; etag: string }) {
  const supervisor = useMay("supervisor");
  const admin = useMay("admin");
  const [erasing, setErasing] = useState(false);
  return (
    <Stack>
      <Heading
        title={nameOf(contact)}
        up={{ to: "/contacts", label: "Contacts" }}
        about={contact.username ? `@${contact.username}` : "Instagram does not tell who this is."}
      >
        {supervisor && (
          <Button
            component="a"
            href={`/api/v1/contacts/${encodeURIComponent(contact.id)}/export`}
            download
            variant="default"
            leftSection={<IconDownload size={16} />}
          >
            Export
          </Button>
        )}
        {admin && (
          <Button variant="default" onClick={() => setErasing(true)}>
            Erase
          </Button>
        )}
      </Heading>
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="lg">
        <Card withBorder>
          <Profile contact={contact} />
        </Card>
        <Card withBorder>
          <CustomFields contact={contact} etag={etag} />
        </Card>
      </SimpleGrid>
      <Title order={2} size="h4">
        Conversations
      </Title>
      <Rows
        label="Conversations"
        heads={["Opened", "State", "Where, or why it ended", "Language", "Last line"]}
        items={contact.conversations}
        source={DONE}
        empty="There is no conversation."
      >
        {(one) => (
          <Table.Tr key={one.name}>
            <Table.Td>
              <Anchor component={Link} to={`/conversations/${one.name}`} size="sm">
                {time(one.opened_at)}
              </Anchor>
            </Table.Td>
            <Table.Td>
              <Badge variant="light" color={one.state === "open" ? "blue" : one.missed ? "red" : "gray"}>
                {one.state === "open" ? "open" : one.missed ? "missed" : "ended"}
              </Badge>
            </Table.Td>
            <Table.Td>{one.state === "open" ? (one.place_title ?? one.place) : one.cause}</Table.Td>
            <Table.Td>{one.language}</Table.Td>
            <Table.Td maw={320}>
              <Text size="sm" truncate>
                {one.last_line?.text}
              </Text>
            </Table.Td>
          </Table.Tr>
        )}
      </Rows>
      <Title order={2} size="h4">
        Tickets
      </Title>
      <Rows
        label="Tickets"
        heads={["Ticket", "Stage", "Assignee", "Due", "Created"]}
        items={contact.tickets}
        source={DONE}
        empty="There is no ticket."
      >
        {(one) => (
          <Table.Tr key={one.number}>
            <Table.Td>
              <Anchor component={Link} to={`/tickets/${one.number}`} size="sm">
                {one.title}
              </Anchor>
            </Table.Td>
            <Table.Td>
              <StageBadge stage={one.stage} />
            </Table.Td>
            <Table.Td>{one.assignee}</Table.Td>
            <Table.Td>
              <Due ticket={one} />
            </Table.Td>
            <Table.Td>{ago(one.created_at)}</Table.Td>
          </Table.Tr>
        )}
      </Rows>
      {erasing && <Erase contact={contact} onClose={() => setErasing(false)} />}
    </Stack>
  );
}

const DONE = { isLoading: false, error: null };

function Profile({ contact }: { contact: OneContact }) {
  const admin = useMay("admin");
  return (
    <Group align="flex-start" wrap="nowrap">
      <Avatar src={contact.picture} alt="" name={nameOf(contact)} color="initials" size={72} radius="xl" />
      <Stack gap={4} miw={0}>
        <Text fw={600}>{nameOf(contact)}</Text>
        {contact.username && (
          <Anchor
            href={`https://www.instagram.com/${contact.username}/`}
            target="_blank"
            rel="noreferrer"
            size="sm"
          >
            instagram.com/{contact.username}
          </Anchor>
        )}
        <Text size="sm">
          Languages of the conversations:{" "}
          {contact.languages.length > 0 ? contact.languages.join(", ") : "none known"}
        </Text>
        <Text size="xs" c="dimmed">
          {contact.profile_at
            ? `Instagram was asked ${ago(contact.profile_at)}`
            : "Instagram has not told anything about them"}
          {contact.updated_at ? `; heard of last ${ago(contact.updated_at)}` : ""}
        </Text>
        <Text size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>
          {contact.customer} at {contact.account}
        </Text>
        {admin && (
          <Anchor component={Link} to={`/audit?object=${contact.audit}`} size="xs">
            In the audit log
          </Anchor>
        )}
      </Stack>
    </Group>
  );
}
