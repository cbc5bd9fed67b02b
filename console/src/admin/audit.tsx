/** The audit log: who changed what and when, and who logged in. */

import { Anchor, Button, Code, Group, Stack, Table, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconListDetails } from "@tabler/icons-react";
import { Fragment, useState } from "react";
import { Link, useSearchParams } from "react-router";
import { client, type Schemas, told } from "../api/client";
import { kindOf } from "../kinds";
import { Heading } from "../parts/heading";
import { Rows, usePaged } from "../parts/rows";
import { instant } from "../parts/times";
import { time } from "../words";

const FILTERS = ["actor", "action", "object", "since", "until"] as const;
type Filter = (typeof FILTERS)[number];

export function Audit() {
  const [query, setQuery] = useSearchParams();
  const [given] = useDebouncedValue(query.toString(), 300);
  const asked = new URLSearchParams(given);
  const filters = Object.fromEntries(
    FILTERS.map((name) => [
      name,
      name === "since" || name === "until" ? instant(asked.get(name) ?? "") : (asked.get(name) ?? undefined),
    ]).filter(([, value]) => value),
  );
  const entries = usePaged(["audit", given], (cursor) =>
    told(client.GET("/api/v1/audit", { params: { query: { ...filters, ...(cursor ? { cursor } : {}) } } })),
  );
  const set = (name: Filter, value: string) =>
    setQuery(
      (before) => {
        const next = new URLSearchParams(before);
        if (value) next.set(name, value);
        else next.delete(name);
        return next;
      },
      { replace: true },
    );
  const field = (name: Filter) => ({
    value: query.get(name) ?? "",
    onChange: (event: { currentTarget: { value: string } }) => set(name, event.currentTarget.value),
  });
  return (
    <Stack>
      <Heading
        title="Audit"
        icon={IconListDetails}
        about="Every change and every login, the newest first. Entries are never changed and never deleted."
      />
      <Group align="flex-end" gap="sm">
        <TextInput label="Who" placeholder="eva" w={140} {...field("actor")} />
        <TextInput label="Action" placeholder="user or user.changed" w={190} {...field("action")} />
        <TextInput label="On what" placeholder="users or users/eva" w={190} {...field("object")} />
        <TextInput label="From" type="datetime-local" {...field("since")} />
        <TextInput label="Before" type="datetime-local" {...field("until")} />
        {query.size > 0 && (
          <Button variant="default" onClick={() => setQuery({}, { replace: true })}>
            Clear
          </Button>
        )}
      </Group>
      <Rows
        label="Audit log"
        heads={["When", "Who", "Action", "On what", "Details"]}
        items={entries.items}
        source={entries}
        empty="There are no such entries."
        width={760}
      >
        {(one) => <Row key={one.id} one={one} />}
      </Rows>
    </Stack>
  );
}

function Row({ one }: { one: Schemas["Entry"] }) {
  const [open, setOpen] = useState(false);
  const said = Object.entries(one.details).map(
    ([name, value]) => `${name.replaceAll("_", " ")}: ${words(name, value)}`,
  );
  const long = said.join("; ").length > SHORT;
  const to = pageOf(one.object);
  return (
    <Fragment>
      <Table.Tr>
        <Table.Td style={{ whiteSpace: "nowrap" }}>{time(one.at)}</Table.Td>
        <Table.Td>{one.actor || "nobody known"}</Table.Td>
        <Table.Td>{one.action}</Table.Td>
        <Table.Td miw={190} style={{ overflowWrap: "anywhere" }}>
          {to ? (
            <Anchor component={Link} to={to} size="sm">
              {one.object}
            </Anchor>
          ) : (
            one.object
          )}
        </Table.Td>
        <Table.Td miw={220}>
          <Group gap="xs" wrap="nowrap" justify="space-between">
            <Text size="xs" c="dimmed" lineClamp={1} style={{ wordBreak: "break-word" }}>
              {said.join("; ")}
            </Text>
            {long && (
              <Button
                size="compact-xs"
                variant="default"
                aria-expanded={open}
                onClick={() => setOpen((before) => !before)}
                style={{ flexShrink: 0 }}
              >
                {open ? "Less" : "All"}
              </Button>
            )}
          </Group>
        </Table.Td>
      </Table.Tr>
      {open && (
        <Table.Tr>
          <Table.Td colSpan={5}>
            <Code block>{JSON.stringify(one.details, null, 2)}</Code>
          </Table.Td>
        </Table.Tr>
      )}
    </Fragment>
  );
}

/** Details of more letters are shown whole when somebody asks for them. */
const SHORT = 70;

/** Details that are lists; other lists are what was before and what was then. */
const LISTS = ["fields", "kinds", "names", "failing"];

function words(name: string, value: unknown): string {
  if (Array.isArray(value)) return value.map(word).join(LISTS.includes(name) ? ", " : " → ");
  return word(value);
}

function word(value: unknown): string {
  if (value === null || value === "") return "nothing";
  if (typeof value === "boolean") return value ? "yes" : "no";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Where the console shows what an entry is about. */
function pageOf(object: string): string | null {
  const [first = "", ...rest] = object.split("/");
  const name = rest.join("/");
  if (first === "sandbox" && kindOf(rest[0] ?? "") && rest[1]) return `/routing/${name}`;
  if (first === "connectors" && name) return `/routing/${object}`;
  if (["users", "tickets", "conversations", "webhooks", "revisions"].includes(first) && name)
    return `/${object}`;
  if (first === "agents" && name) return `/users/${name}`;
  if (["tokens", "secrets", "accounts"].includes(first)) return `/${first}`;
  return null;
}
