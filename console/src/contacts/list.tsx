/** Customers: search by name or by what a custom field holds. */

import { Anchor, Avatar, Badge, Group, Select, Stack, Table, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconAddressBook, IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useSearchParams } from "react-router";
import { client, type Schemas, told } from "../api/client";
import { Heading } from "../parts/heading";
import { Rows, usePaged } from "../parts/rows";
import { ago } from "../words";

export const CONTACTS = ["contacts"];
type Item = Schemas["ContactItem"];

/** The custom fields of production, by name and title. */
export function useCustomFields(): { value: string; label: string }[] {
  const found = useQuery({
    queryKey: ["custom_fields"],
    queryFn: () =>
      told(
        client.GET("/api/v1/production/{kind}", {
          params: { path: { kind: "custom_fields" }, query: { limit: 200 } },
        }),
      ),
  });
  return (found.data?.items ?? []).map((one) => ({ value: one.name, label: one.title ?? one.name }));
}

/** How a customer is called. */
export function nameOf(one: Pick<Item, "name" | "username" | "customer">): string {
  return one.name ?? (one.username ? `@${one.username}` : `Customer ${one.customer}`);
}

/** A field's value, whatever JSON it is, in a line. */
export function shown(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

export function Contacts() {
  const [query, setQuery] = useSearchParams();
  const [words, setWords] = useState(query.get("search") ?? "");
  const [value, setValue] = useState(query.get("value") ?? "");
  const [search] = useDebouncedValue(words.trim(), 250);
  const [held] = useDebouncedValue(value.trim(), 250);
  const fields = useCustomFields();
  const field = query.get("field");
  const asked = {
    search: search || undefined,
    field: field ?? undefined,
    value: (field && held) || undefined,
  };
  const contacts = usePaged([...CONTACTS, "list", asked], (cursor) =>
    told(client.GET("/api/v1/contacts", { params: { query: { ...asked, ...(cursor ? { cursor } : {}) } } })),
  );
  const titles = Object.fromEntries(fields.map((one) => [one.value, one.label]));
  return (
    <Stack>
      <Heading
        title="Contacts"
        icon={IconAddressBook}
        about="Customers who wrote, of whom something was heard last first."
      />
      <Group gap="sm">
        <TextInput
          aria-label="Search contacts"
          placeholder="Name or username"
          leftSection={<IconSearch size={16} />}
          w={220}
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
        />
        {fields.length > 0 && (
          <Select
            aria-label="Custom field"
            placeholder="Any custom field"
            w={190}
            clearable
            data={fields}
            value={field}
            onChange={(next) => setQuery(next ? { field: next } : {}, { replace: true })}
          />
        )}
        {field && (
          <TextInput
            aria-label={`What ${titles[field] ?? field} holds`}
            placeholder="holds"
            w={180}
            value={value}
            onChange={(event) => setValue(event.currentTarget.value)}
          />
        )}
      </Group>
      <Rows
        label="Contacts"
        heads={["Customer", "Language", "Custom fields", "Last heard of"]}
        items={contacts.items}
        source={contacts}
        empty="Nobody is found."
      >
        {(one) => (
          <Table.Tr key={one.id}>
            <Table.Td>
              <Group gap="sm" wrap="nowrap">
                <Avatar src={one.picture} alt="" name={nameOf(one)} color="initials" radius="xl" />
                <div>
                  <Anchor component={Link} to={`/contacts/${encodeURIComponent(one.id)}`} fw={500} size="sm">
                    {nameOf(one)}
                  </Anchor>
                  {one.name && one.username && (
                    <Text size="xs" c="dimmed">
                      @{one.username}
                    </Text>
                  )}
                </div>
              </Group>
            </Table.Td>
            <Table.Td>{one.language}</Table.Td>
            <Table.Td>
              <Group gap={4}>
                {Object.entries(one.fields).map(([name, held]) => (
                  <Badge key={name} variant="default" tt="none" maw={260}>
                    {titles[name] ?? name}: {shown(held)}
                  </Badge>
                ))}
              </Group>
            </Table.Td>
            <Table.Td>{one.updated_at ? ago(one.updated_at) : ""}</Table.Td>
          </Table.Tr>
        )}
      </Rows>
    </Stack>
  );
}
