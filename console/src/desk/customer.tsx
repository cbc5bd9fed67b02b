/** Who the customer is: profile, custom fields, language, what was talked about before, and tickets. */

import {
  ActionIcon,
  Alert,
  Anchor,
  Avatar,
  Badge,
  Button,
  Group,
  Loader,
  Select,
  Stack,
  Text,
  TextInput,
  Title,
} from "@mantine/core";
import { IconArrowLeft } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { client, Refused, type Schemas, told, whole } from "../api/client";
import { contactId, nameOf, type Talk, titleOf, useProduction } from "../conversations/queries";
import { LastLine } from "../conversations/row";
import type { Value } from "../entities/document";
import { ago } from "../words";
import classes from "./desk.module.css";

const SHOWN = 8;

export function Customer({ talk, back }: { talk: Talk; back: () => void }) {
  const id = contactId(talk);
  const contact = useQuery({
    queryKey: ["contact", id, "with its tag"],
    queryFn: () => whole(client.GET("/api/v1/contacts/{id}", { params: { path: { id } } })),
  });
  return (
    <aside className={classes.customer} aria-label="The customer">
      <Group gap="xs" wrap="nowrap" mb="sm">
        <ActionIcon className={classes.notWide} size="lg" aria-label="Back to the messages" onClick={back}>
          <IconArrowLeft size={18} />
        </ActionIcon>
        <Avatar
          src={contact.data?.data.picture}
          name={nameOf(talk.customer)}
          color="initials"
          size={44}
          radius="xl"
          alt=""
        />
        <div className={classes.narrow}>
          <Anchor component={Link} to={`/contacts/${id}`} fw={600} lineClamp={1}>
            {nameOf(talk.customer)}
          </Anchor>
          <Text size="xs" c="dimmed" truncate>
            {talk.customer.username ? `@${talk.customer.username}` : talk.customer.id}
          </Text>
        </div>
      </Group>
      {contact.isLoading && <Loader size="sm" aria-label="Loading the customer" />}
      {contact.error && !contact.data && <Text size="sm">{contact.error.message}</Text>}
      {contact.data && (
        <>
          <Fields key={id} contact={contact.data.data} etag={contact.data.etag} />
          <Tickets tickets={contact.data.data.tickets} />
          <Before talks={contact.data.data.conversations.filter((one) => one.name !== talk.name)} />
        </>
      )}
    </aside>
  );
}

/** What was typed stays over what is read anew, until it is saved. */
function Fields({ contact, etag }: { contact: Schemas["OneContact"]; etag: string }) {
  const queries = useQueryClient();
  const production = useProduction();
  const [typed, setTyped] = useState<Record<string, string>>({});
  const [language, setLanguage] = useState<string | null | undefined>();
  const names = [
    ...new Set([...Object.keys(production?.custom_fields ?? {}), ...Object.keys(contact.fields)]),
  ];
  const save = useMutation({
    mutationFn: () => {
      const fields: Record<string, Value> = {};
      for (const [name, text] of Object.entries(typed)) fields[name] = asKind(text, contact.fields[name]);
      return told(
        client.PATCH("/api/v1/contacts/{id}", {
          params: { path: { id: contact.id }, header: { "if-match": etag } },
          body: { fields, ...(language === undefined ? {} : { language }) } as Schemas["ContactValues"],
        }),
      );
    },
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["contact"] });
      setTyped({});
      setLanguage(undefined);
    },
    onError: () => queries.invalidateQueries({ queryKey: ["contact"] }),
  });
  const problems = save.error instanceof Refused ? save.error.problems : [];
  const dirty = Object.keys(typed).length > 0 || language !== undefined;
  const offered: string[] = production?.languages?.offered ?? [];
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Stack gap="xs">
        <Select
          size="xs"
          label="Language"
          placeholder={contact.languages[0] ? `Found out: ${contact.languages[0]}` : "Found out by itself"}
          data={offered}
          clearable
          value={language === undefined ? contact.language : language}
          onChange={(value) => setLanguage(value === contact.language ? undefined : value)}
        />
        {names.map((name) => {
          const now = textOf(contact.fields[name]);
          return (
            <TextInput
              key={name}
              size="xs"
              label={titleOf(production, `custom_fields/${name}`).replace(/^custom_fields\//, "")}
              value={typed[name] ?? now}
              error={problems.find((one) => one.path === `fields/${name}`)?.message}
              onChange={(event) => {
                const { [name]: _, ...rest } = typed;
                const value = event.currentTarget.value;
                setTyped(value === now ? rest : { ...rest, [name]: value });
              }}
            />
          );
        })}
        {save.error && problems.length === 0 && (
          <Alert color="red" p="xs" role="alert">
            {save.error.message}
          </Alert>
        )}
        {dirty && (
          <Group gap="xs">
            <Button size="xs" type="submit" loading={save.isPending}>
              Save
            </Button>
            <Button
              size="xs"
              variant="default"
              onClick={() => {
                setTyped({});
                setLanguage(undefined);
                save.reset();
              }}
            >
              Undo
            </Button>
          </Group>
        )}
      </Stack>
    </form>
  );
}

function Tickets({ tickets }: { tickets: Schemas["TicketItem"][] }) {
  return (
    <section aria-labelledby="tickets">
      <Title order={3} size="h6" id="tickets" mt="md" mb={4}>
        Tickets
      </Title>
      {tickets.length === 0 && (
        <Text size="xs" c="dimmed">
          None
        </Text>
      )}
      {tickets.slice(0, SHOWN).map((one) => (
        <Link key={one.number} to={`/tickets/${one.number}`} className={classes.past}>
          <Group gap="xs" wrap="nowrap">
            <Text size="sm" truncate flex={1}>
              {one.number} {one.title}
            </Text>
            <Badge size="xs" variant="light" color={one.overdue ? "red" : "gray"} tt="none">
              {one.overdue ? "overdue" : one.stage}
            </Badge>
          </Group>
        </Link>
      ))}
    </section>
  );
}

function Before({ talks }: { talks: Talk[] }) {
  return (
    <section aria-labelledby="before">
      <Title order={3} size="h6" id="before" mt="md" mb={4}>
        Past conversations
      </Title>
      {talks.length === 0 && (
        <Text size="xs" c="dimmed">
          None
        </Text>
      )}
      {talks.slice(0, SHOWN).map((one) => (
        <Link key={one.name} to={`/conversations/${one.name}`} className={classes.past}>
          <Text size="sm" truncate>
            <LastLine talk={one} />
          </Text>
          <Text size="xs" c="dimmed">
            {ago(one.opened_at)}
            {one.cause ? `, ${one.cause}` : ""}
            {one.missed ? ", missed" : ""}
          </Text>
        </Link>
      ))}
    </section>
  );
}

function textOf(value: Value): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** What was typed, of the kind that was there; an empty field is taken away. */
function asKind(text: string, before: Value): Value {
  if (text === "") return null;
  if (before === undefined || before === null || typeof before === "string") return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
