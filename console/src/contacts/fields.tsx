/** What is kept about a customer: custom fields and the language, to read and to change. */

import { Button, Group, Select, Stack, Text, TextInput, Title } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { client, Refused, type Schemas, told, whole } from "../api/client";
import { useMay } from "../api/session";
import { Wrong, wrongWith } from "../parts/wrong";
import { CONTACTS, shown, useCustomFields } from "./list";

type OneContact = Schemas["OneContact"];

export function CustomFields({ contact, etag }: { contact: OneContact; etag: string }) {
  const agent = useMay("agent");
  const queries = useQueryClient();
  const known = useCustomFields();
  const languages = useLanguages();
  const [written, setWritten] = useState<Record<string, string>>({});
  const [language, setLanguage] = useState(contact.language);
  const names = [...new Set([...known.map((one) => one.value), ...Object.keys(contact.fields)])];
  const before = (name: string) => (name in contact.fields ? shown(contact.fields[name]) : "");
  const changed = names.filter((name) => (written[name] ?? before(name)) !== before(name));
  const save = useMutation({
    mutationFn: () =>
      whole(
        client.PATCH("/api/v1/contacts/{id}", {
          params: { path: { id: contact.id }, header: { "if-match": etag } },
          body: {
            fields: Object.fromEntries(
              changed.map((name) => [name, asBefore(written[name] ?? "", contact.fields[name])]),
            ),
            ...(language === contact.language ? {} : { language }),
          },
        }),
      ),
    onSuccess: (saved) => {
      queries.setQueryData([...CONTACTS, contact.id], saved);
      queries.invalidateQueries({ queryKey: [...CONTACTS, "list"] });
      setWritten({});
      setLanguage(saved.data.language);
      notifications.show({ message: "Saved; it counts from the next conversation on", color: "green" });
    },
    onError: (error) => {
      // What was written here stays; what is beside it is read anew.
      if (error instanceof Refused && error.status === 412)
        queries.invalidateQueries({ queryKey: [...CONTACTS, contact.id] });
    },
  });
  const offered = languages.length > 0 || contact.language !== null;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Stack>
        <Title order={2} size="h4">
          What is kept
        </Title>
        {names.length === 0 && (
          <Text size="sm" c="dimmed">
            The configuration has no custom fields.
          </Text>
        )}
        {names.map((name) => (
          <TextInput
            key={name}
            label={known.find((one) => one.value === name)?.label ?? `${name} (not in production any more)`}
            readOnly={!agent}
            value={written[name] ?? before(name)}
            onChange={(event) => setWritten({ ...written, [name]: event.currentTarget.value })}
            error={wrongWith(save.error, `fields/${name}`)}
          />
        ))}
        {offered && (
          <Select
            label="Language"
            description="Conversations begin in it. None: it is found out each time."
            placeholder="None"
            readOnly={!agent}
            clearable={agent}
            data={[...new Set([...languages, ...(contact.language ? [contact.language] : [])])]}
            value={language}
            onChange={setLanguage}
            error={wrongWith(save.error, "language")}
          />
        )}
        <Wrong
          error={
            save.error instanceof Refused && save.error.status === 412
              ? new Error(
                  "Somebody else has changed this contact meanwhile. It was read anew: look, and save again.",
                )
              : save.error
          }
          fields={["fields", "language"]}
        />
        {agent && (
          <Group justify="flex-end">
            <Button
              type="submit"
              disabled={changed.length === 0 && language === contact.language}
              loading={save.isPending}
            >
              Save
            </Button>
          </Group>
        )}
      </Stack>
    </form>
  );
}

/** Text stays text; what was a number, a truth or a list before may go on being one. Nothing takes the field away. */
function asBefore(written: string, before: unknown): unknown {
  if (written === "") return null;
  if (before === undefined || typeof before === "string") return written;
  try {
    return JSON.parse(written);
  } catch {
    return written;
  }
}

/** The languages that production offers. */
function useLanguages(): string[] {
  const found = useQuery({
    queryKey: ["languages", "production"],
    queryFn: async () => {
      try {
        return await told(client.GET("/api/v1/production/languages"));
      } catch (error) {
        if (error instanceof Refused && error.status === 404) return null;
        throw error;
      }
    },
  });
  const offered: unknown = found.data?.document.offered;
  return Array.isArray(offered) ? offered.map(String) : [];
}
