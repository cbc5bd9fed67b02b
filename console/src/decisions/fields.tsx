/** Fields that only actions have: one-line templates, values of any type, JSON, and headers. */

import { ActionIcon, Button, Group, Input, Select, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { same, type Value } from "../entities/document";
import type { FieldProps } from "../entities/fields";
import { Framed, useField } from "../entities/form";
import { CompletedInput, type Form, Site } from "./completion";

/** A template without variants, or an expression. */
export function LineField({
  path,
  label,
  description,
  required,
  form = "text",
  lines = 1,
  secrets = false,
  item = false,
}: FieldProps & { form?: Form; lines?: number; secrets?: boolean; item?: boolean }) {
  const field = useField(path, { fallback: "" });
  return (
    <Framed field={field}>
      <Input.Wrapper
        id={field.id}
        label={label}
        description={description}
        withAsterisk={required}
        error={field.error}
      >
        <Site.Provider value={{ form, secrets, item }}>
          <CompletedInput
            id={field.id}
            lines={lines}
            readOnly={field.readOnly}
            value={typeof field.value === "string" ? field.value : ""}
            set={(next) => field.set(next === "" && !required ? undefined : next)}
          />
        </Site.Provider>
      </Input.Wrapper>
    </Framed>
  );
}

type Sort = "text" | "number" | "truth" | "json";

const SORTS: { value: Sort; label: string }[] = [
  { value: "text", label: "Text" },
  { value: "number", label: "Number" },
  { value: "truth", label: "Yes or no" },
  { value: "json", label: "List or object" },
];

/** A literal of any type, or a template. */
export function ValueField({ path, label, description }: FieldProps) {
  const field = useField(path, { deep: true });
  const sort = sortOf(field.value);
  const text = typeof field.value === "string" ? field.value : "";
  return (
    <Framed field={field}>
      <Input.Wrapper id={field.id} label={label} description={description} error={field.error}>
        <Group gap={6} align="flex-start" wrap="nowrap" mt={4}>
          <Select
            aria-label={`Type of ${label.toLowerCase()}`}
            w={130}
            allowDeselect={false}
            readOnly={field.readOnly}
            data={SORTS}
            value={sort}
            onChange={(next) => field.set(converted(field.value, next as Sort))}
          />
          <Stack gap={4} flex={1} miw={0}>
            {sort === "text" && (
              <CompletedInput
                id={field.id}
                lines={1}
                readOnly={field.readOnly}
                value={text}
                set={field.set}
              />
            )}
            {sort === "number" && (
              <TextInput
                id={field.id}
                type="number"
                step="any"
                readOnly={field.readOnly}
                value={String(field.value ?? "")}
                onChange={(event) => field.set(Number(event.currentTarget.value))}
              />
            )}
            {sort === "truth" && (
              <Select
                id={field.id}
                allowDeselect={false}
                readOnly={field.readOnly}
                data={[
                  { value: "true", label: "Yes (true)" },
                  { value: "false", label: "No (false)" },
                ]}
                value={String(field.value)}
                onChange={(next) => field.set(next === "true")}
              />
            )}
            {sort === "json" && (
              <JsonInput
                id={field.id}
                label={label}
                readOnly={field.readOnly}
                value={field.value}
                set={field.set}
              />
            )}
          </Stack>
        </Group>
      </Input.Wrapper>
    </Framed>
  );
}

function sortOf(value: Value): Sort {
  switch (typeof value) {
    case "number":
      return "number";
    case "boolean":
      return "truth";
    case "object":
      return value === null ? "text" : "json";
    default:
      return "text";
  }
}

function converted(value: Value, to: Sort): Value {
  switch (to) {
    case "text":
      return typeof value === "object" ? "" : String(value ?? "");
    case "number":
      return Number.isFinite(Number(value)) ? Number(value) : 0;
    case "truth":
      return value === true || value === "true";
    case "json":
      return typeof value === "string" && value !== "" ? value.split(",").map((one) => one.trim()) : [];
  }
}

/** JSON as text; what is no JSON yet stays here until it is. */
export function JsonInput({
  id,
  label,
  readOnly,
  value,
  set,
}: {
  id: string;
  label: string;
  readOnly: boolean;
  value: Value;
  set: (value: Value) => void;
}) {
  const [written, setWritten] = useState<string | null>(null);
  const [wrong, setWrong] = useState<string | null>(null);
  const text = written !== null && (wrong !== null || same(parsed(written), value)) ? written : json(value);
  return (
    <Textarea
      id={id}
      aria-label={`${label} as JSON`}
      autosize
      minRows={3}
      maxRows={16}
      readOnly={readOnly}
      styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)", fontSize: 13 } }}
      value={text}
      error={wrong}
      onChange={(event) => {
        const next = event.currentTarget.value;
        setWritten(next);
        try {
          set(next.trim() === "" ? undefined : JSON.parse(next));
          setWrong(null);
        } catch (error) {
          setWrong(`This is not JSON yet and not kept: ${(error as Error).message}`);
        }
      }}
    />
  );
}

function json(value: Value): string {
  return value === undefined || value === null ? "" : JSON.stringify(value, null, 2);
}

function parsed(text: string): Value {
  try {
    return text.trim() === "" ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Names with values, such as the headers of a request. */
export function PairsField({ path, label, description }: FieldProps) {
  const field = useField(path, { deep: true, fallback: {} });
  const given: Record<string, string> =
    field.value !== null && typeof field.value === "object" ? field.value : {};
  const [rows, setRows] = useState<[string, string][]>(Object.entries(given));
  const kept = Object.fromEntries(rows.filter(([name]) => name !== ""));
  const shown: [string, string][] = same(kept, given) ? rows : Object.entries(given);
  const write = (next: [string, string][]) => {
    setRows(next);
    const found = Object.fromEntries(next.filter(([name]) => name !== ""));
    field.set(Object.keys(found).length > 0 ? found : undefined);
  };
  return (
    <Framed field={field}>
      <Stack gap={6} component="fieldset" p={0} m={0} style={{ border: 0 }}>
        <Text component="legend" size="sm" fw={500} p={0}>
          {label}
        </Text>
        {description && (
          <Text size="xs" c="dimmed">
            {description}
          </Text>
        )}
        {shown.map(([name, value], index) => (
          <Group key={index} gap={6} wrap="nowrap" align="flex-start">
            <TextInput
              aria-label={`Name of header ${index + 1}`}
              placeholder="Name"
              w={140}
              readOnly={field.readOnly}
              value={name}
              onChange={(event) => {
                const next = event.currentTarget.value;
                write(shown.map((row, other) => (other === index ? [next, row[1]] : row)));
              }}
            />
            <Stack gap={0} flex={1} miw={0}>
              <Site.Provider value={{ secrets: true }}>
                <CompletedInput
                  id={`${field.id}-${index}`}
                  aria-label={`Value of header ${index + 1}`}
                  lines={1}
                  readOnly={field.readOnly}
                  value={String(value)}
                  set={(next) => write(shown.map((row, other) => (other === index ? [row[0], next] : row)))}
                />
              </Site.Provider>
            </Stack>
            {!field.readOnly && (
              <ActionIcon
                mt={4}
                aria-label={`Remove header ${index + 1}`}
                onClick={() => write(shown.filter((_, other) => other !== index))}
              >
                <IconTrash size={16} />
              </ActionIcon>
            )}
          </Group>
        ))}
        {field.error && (
          <Text size="xs" c="red" role="alert">
            {field.error}
          </Text>
        )}
        {!field.readOnly && (
          <Button
            variant="light"
            size="xs"
            w="fit-content"
            leftSection={<IconPlus size={14} />}
            onClick={() => setRows([...shown, ["", ""]])}
          >
            Add header
          </Button>
        )}
      </Stack>
    </Framed>
  );
}
