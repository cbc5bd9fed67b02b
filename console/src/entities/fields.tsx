/** The fields of which all forms consist. */

import { Group, Input, NumberInput, Select, Switch, TagsInput, Textarea, TextInput } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import type { Path } from "./document";
import { iso, seconds, split, UNITS, type Unit } from "./duration";
import { Framed, useField } from "./form";
import { Segments } from "./segments";

export interface FieldProps {
  path: Path;
  label: string;
  description?: string;
  required?: boolean;
}

export function TextField({
  path,
  label,
  description,
  required,
  lines = 1,
  placeholder,
}: FieldProps & { lines?: number; placeholder?: string }) {
  const field = useField(path, { fallback: "" });
  const common = {
    id: field.id,
    label,
    description,
    placeholder,
    withAsterisk: required,
    readOnly: field.readOnly,
    error: field.error,
    value: typeof field.value === "string" || typeof field.value === "number" ? String(field.value) : "",
    onChange: (event: { currentTarget: { value: string } }) =>
      field.set(event.currentTarget.value === "" && !required ? undefined : event.currentTarget.value),
  };
  return (
    <Framed field={field}>
      {lines > 1 ? <Textarea {...common} autosize minRows={lines} maxRows={14} /> : <TextInput {...common} />}
    </Framed>
  );
}

export function NumberField({
  path,
  label,
  description,
  min,
  max,
  fallback,
}: FieldProps & { min?: number; max?: number; fallback: number }) {
  const field = useField(path, { fallback });
  return (
    <Framed field={field}>
      <NumberInput
        id={field.id}
        label={label}
        description={description}
        readOnly={field.readOnly}
        error={field.error}
        min={min}
        max={max}
        allowDecimal={false}
        value={typeof field.value === "number" ? field.value : fallback}
        onChange={(value) => field.set(value === "" ? undefined : Number(value))}
      />
    </Framed>
  );
}

export function SwitchField({
  path,
  label,
  description,
  fallback = false,
}: FieldProps & { fallback?: boolean }) {
  const field = useField(path, { fallback });
  return (
    <Framed field={field}>
      <Switch
        id={field.id}
        label={label}
        description={description}
        error={field.error}
        disabled={field.readOnly}
        checked={typeof field.value === "boolean" ? field.value : fallback}
        onChange={(event) => field.set(event.currentTarget.checked)}
      />
    </Framed>
  );
}

export interface Choice {
  value: string;
  label: string;
}

export function ChoiceField({
  path,
  label,
  description,
  choices,
  fallback,
}: FieldProps & { choices: Choice[]; fallback: string }) {
  const field = useField(path, { fallback });
  const narrow = useMediaQuery("(max-width: 36em)", false, { getInitialValueInEffect: false });
  const long = choices.map((one) => one.label).join("").length > 30;
  return (
    <Framed field={field}>
      <Segments
        label={label}
        description={description}
        orientation={narrow && long ? "vertical" : "horizontal"}
        error={field.error}
        readOnly={field.readOnly}
        data={choices}
        value={typeof field.value === "string" ? field.value : fallback}
        onChange={(value) => field.set(value)}
      />
    </Framed>
  );
}

export function SelectField({
  path,
  label,
  description,
  required,
  choices,
  fallback = null,
  searchable = false,
  placeholder,
}: FieldProps & { choices: Choice[]; fallback?: string | null; searchable?: boolean; placeholder?: string }) {
  const field = useField(path, { fallback });
  const value = typeof field.value === "string" && field.value !== "" ? field.value : fallback;
  // What the document has is shown even where it is no choice: otherwise it would look like nothing.
  const known = value === null || choices.some((one) => one.value === value);
  const data = known ? choices : [...choices, { value, label: `${value} (there is none)` }];
  return (
    <Framed field={field}>
      <Select
        id={field.id}
        label={label}
        description={description}
        placeholder={placeholder ?? "Choose"}
        withAsterisk={required}
        error={field.error}
        readOnly={field.readOnly}
        clearable={!required && !field.readOnly}
        allowDeselect={!required}
        searchable={searchable && !field.readOnly}
        data={data}
        value={value}
        onChange={(next) => field.set(next ?? undefined)}
        nothingFoundMessage="Nothing found"
        comboboxProps={{ withinPortal: true }}
      />
    </Framed>
  );
}

export function TagsField({ path, label, description, placeholder }: FieldProps & { placeholder?: string }) {
  const field = useField(path, { deep: true, fallback: [] });
  return (
    <Framed field={field}>
      <TagsInput
        id={field.id}
        label={label}
        description={description}
        placeholder={field.readOnly ? undefined : placeholder}
        error={field.error}
        readOnly={field.readOnly}
        value={Array.isArray(field.value) ? field.value.map(String) : []}
        onChange={(value) => field.set(value.length > 0 ? value : undefined)}
      />
    </Framed>
  );
}

const UNIT_WORDS: Record<Unit, string> = { s: "seconds", min: "minutes", h: "hours", d: "days" };

export function DurationField({
  path,
  label,
  description,
  required,
  fallback,
}: FieldProps & { fallback?: number }) {
  const field = useField(path, { fallback: fallback ?? null, meaning: seconds });
  const given = seconds(field.value) ?? fallback ?? null;
  const { amount, unit } = given === null ? { amount: null, unit: "min" as Unit } : split(given);
  return (
    <Framed field={field}>
      <Input.Wrapper
        id={field.id}
        label={label}
        description={description}
        withAsterisk={required}
        error={field.error}
      >
        <Group gap={6} wrap="nowrap" mt={4}>
          <NumberInput
            id={field.id}
            w={110}
            min={0}
            readOnly={field.readOnly}
            value={amount ?? ""}
            onChange={(value) =>
              field.set(
                value === ""
                  ? required
                    ? "PT0S"
                    : undefined
                  : iso(Number(value), amount === 0 || amount === null ? lastUnit(field.value) : unit),
              )
            }
          />
          <Select
            aria-label={`Unit of ${label}`}
            w={120}
            readOnly={field.readOnly}
            allowDeselect={false}
            data={Object.keys(UNITS).map((one) => ({ value: one, label: UNIT_WORDS[one as Unit] }))}
            value={amount === 0 ? lastUnit(field.value) : unit}
            onChange={(next) => field.set(iso(amount ?? 0, (next ?? "min") as Unit))}
          />
        </Group>
      </Input.Wrapper>
    </Framed>
  );
}

/** The unit in which nothing was written, so that it does not jump while somebody types. */
function lastUnit(value: unknown): Unit {
  if (typeof value !== "string") return "min";
  if (value.endsWith("D")) return "d";
  if (value.endsWith("H")) return "h";
  return value.endsWith("S") ? "s" : "min";
}
