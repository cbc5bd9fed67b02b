/** Saved templates with their language variants: to send as they are, or to put into the reply first. */

import {
  Alert,
  Button,
  Group,
  Modal,
  ScrollArea,
  SegmentedControl,
  Stack,
  Text,
  TextInput,
  UnstyledButton,
} from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { type Talk, useProduction } from "../conversations/queries";
import type { Value } from "../entities/document";
import classes from "./desk.module.css";

/** Something is filled in here; the API does that when it is sent. */
const FILLED_IN = /\{[{%]/;
const PLAIN = /\{\{-?\s*([A-Za-z_]\w*(?:\.\w+)*)\s*-?\}\}/g;

export function Templates({
  talk,
  insert,
  send,
  onClose,
}: {
  talk: Talk;
  insert: (text: string) => void;
  send: (name: string, language: string | null, variables: Record<string, string>) => void;
  onClose: () => void;
}) {
  const production = useProduction();
  const [search, setSearch] = useState("");
  const [chosen, setChosen] = useState<string | null>(null);
  const templates = Object.entries<Value>(production?.templates ?? {});
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const found = templates.filter(([name, one]) => {
    const all = [name, one.title, one.text, ...Object.values(one.variants ?? {})].join(" ").toLowerCase();
    return words.every((word) => all.includes(word));
  });
  const name = found.some(([one]) => one === chosen) ? chosen : (found[0]?.[0] ?? null);
  return (
    <Modal opened onClose={onClose} title="Templates" size="lg">
      <Stack gap="sm">
        <TextInput
          aria-label="Search templates"
          placeholder="Search"
          leftSection={<IconSearch size={16} />}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
          data-autofocus
        />
        {templates.length === 0 && <Text c="dimmed">Production has no template yet.</Text>}
        {templates.length > 0 && found.length === 0 && <Text c="dimmed">No template says this.</Text>}
        <ScrollArea.Autosize
          mah={220}
          viewportProps={{ tabIndex: 0, role: "group", "aria-label": "Templates" }}
        >
          <Stack gap={2}>
            {found.map(([one, template]) => (
              <UnstyledButton
                key={one}
                className={classes.choice}
                aria-pressed={one === name}
                onClick={() => setChosen(one)}
              >
                <Text size="sm" fw={600}>
                  {template.title ?? one}
                </Text>
                <Text size="xs" c="dimmed" lineClamp={1}>
                  {template.text}
                </Text>
              </UnstyledButton>
            ))}
          </Stack>
        </ScrollArea.Autosize>
        {name && (
          <One
            key={name}
            template={production.templates[name]}
            first={production?.languages?.default ?? "en"}
            language={talk.language}
            insert={(text) => {
              insert(text);
              onClose();
            }}
            send={(language, variables) => {
              send(name, language, variables);
              onClose();
            }}
          />
        )}
      </Stack>
    </Modal>
  );
}

function One({
  template,
  first,
  language,
  insert,
  send,
}: {
  template: Value;
  /** The language of the text itself. */
  first: string;
  /** The customer's. */
  language: string | null;
  insert: (text: string) => void;
  send: (language: string | null, variables: Record<string, string>) => void;
}) {
  const variants: Record<string, string> = template.variants ?? {};
  const languages = [first, ...Object.keys(variants).filter((one) => one !== first)];
  const [shown, setShown] = useState(language && languages.includes(language) ? language : first);
  const [values, setValues] = useState<Record<string, string>>({});
  const text = shown === first ? (variants[shown] ?? template.text) : (variants[shown] ?? template.text);
  const names = [...new Set([...text.matchAll(PLAIN)].map((one) => one[1] as string))];
  return (
    <Stack gap="xs">
      {languages.length > 1 && (
        <SegmentedControl
          aria-label="Language"
          size="xs"
          data={languages}
          value={shown}
          onChange={setShown}
        />
      )}
      <Alert color="gray" p="sm">
        <Text size="sm" style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
          {text}
        </Text>
      </Alert>
      {names.map((name) => (
        <TextInput
          key={name}
          label={name}
          placeholder="As the conversation knows it"
          value={values[name] ?? ""}
          onChange={(event) => setValues({ ...values, [name]: event.currentTarget.value })}
        />
      ))}
      <Group justify="flex-end">
        {!FILLED_IN.test(text) && (
          <Button variant="default" onClick={() => insert(text)}>
            Put it into the reply
          </Button>
        )}
        <Button
          onClick={() =>
            send(
              shown,
              Object.fromEntries(Object.entries(values).filter(([name, one]) => one && names.includes(name))),
            )
          }
        >
          Send it
        </Button>
      </Group>
    </Stack>
  );
}
