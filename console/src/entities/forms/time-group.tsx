/** A time group: opening and closing hours, holidays, and links to other groups. */

import { Chip, Group, Input, MultiSelect, Select, Stack, TextInput } from "@mantine/core";
import { ChoiceField, SelectField, SwitchField } from "../fields";
import { Framed, useField } from "../form";
import { ItemsField } from "../items";
import { useItems } from "../references";
import { Holidays } from "./holidays";
import { Hours } from "./hours";
import { TitleFields } from "./plain";

const ZONES = Intl.supportedValuesOf("timeZone").map((one) => ({
  value: one,
  label: one.replaceAll("_", " "),
}));
const DAYS = [
  { value: "mon", label: "Mon" },
  { value: "tue", label: "Tue" },
  { value: "wed", label: "Wed" },
  { value: "thu", label: "Thu" },
  { value: "fri", label: "Fri" },
  { value: "sat", label: "Sat" },
  { value: "sun", label: "Sun" },
];

export function TimeGroup() {
  return (
    <Stack>
      <TitleFields />
      <Hours />
      <SelectField path={["timezone"]} label="Time zone" required searchable choices={ZONES} />
      <LinkedGroups />
      <ItemsField
        path={["definitions"]}
        label="Definitions"
        description="A closed definition beats an open one; where nothing matches it is closed."
        one="definition"
        fresh={() => ({
          type: "open",
          system: "own",
          weekdays: ["mon", "tue", "wed", "thu", "fri"],
          from: "09:00",
          to: "17:00",
        })}
      >
        {() => <Definition />}
      </ItemsField>
    </Stack>
  );
}

function LinkedGroups() {
  const field = useField(["groups"], { deep: true, fallback: [] });
  const items = useItems("time_groups");
  return (
    <Framed field={field}>
      <MultiSelect
        id={field.id}
        label="Linked time groups"
        description="Their definitions count here as well, each in its own zone."
        readOnly={field.readOnly}
        error={field.error}
        data={items.map((one) => ({ value: one.name, label: one.title }))}
        value={Array.isArray(field.value) ? field.value.map(String) : []}
        onChange={(value) => field.set(value.length > 0 ? value : undefined)}
      />
    </Framed>
  );
}

function Definition() {
  const system = useField(["system"]);
  return (
    <Stack gap="sm">
      <Group align="flex-end">
        <ChoiceField
          path={["type"]}
          label="Then it is"
          fallback="open"
          choices={[
            { value: "open", label: "Open" },
            { value: "closed", label: "Closed" },
          ]}
        />
        <System />
      </Group>
      {system.value === "public_holidays" ? <Holidays /> : <OwnHours />}
    </Stack>
  );
}

function System() {
  const whole = useField([]);
  const kept = { type: whole.value?.type ?? "open" };
  return (
    <Select
      label="When"
      readOnly={whole.readOnly}
      allowDeselect={false}
      data={[
        { value: "own", label: "Own hours" },
        { value: "public_holidays", label: "Public holidays" },
      ]}
      value={whole.value?.system ?? "own"}
      onChange={(system) =>
        whole.set(
          system === "public_holidays" ? { ...kept, system, countries: [] } : { ...kept, system: "own" },
        )
      }
    />
  );
}

function OwnHours() {
  const days = useField(["weekdays"], { deep: true });
  const dates = useField(["dates"], { deep: true });
  const there = dates.value && typeof dates.value === "object";
  const setDate = (which: "first" | "last", value: string) => {
    const next = { ...(there ? dates.value : {}), [which]: value };
    if (!next.first && !next.last) dates.set(undefined);
    else dates.set({ first: next.first || next.last, last: next.last || next.first });
  };
  return (
    <Stack gap="sm">
      <Framed field={days}>
        <Input.Wrapper
          label="Days"
          description="None chosen: every day."
          error={days.error}
          labelElement="div"
        >
          <Chip.Group
            multiple
            value={Array.isArray(days.value) ? days.value : []}
            onChange={(value) =>
              days.set(
                value.length > 0
                  ? DAYS.map((one) => one.value).filter((one) => value.includes(one))
                  : undefined,
              )
            }
          >
            <Group gap={4} mt={4}>
              {DAYS.map((one) => (
                <Chip key={one.value} value={one.value} size="xs" disabled={days.readOnly}>
                  {one.label}
                </Chip>
              ))}
            </Group>
          </Chip.Group>
        </Input.Wrapper>
      </Framed>
      <Group grow>
        <ClockField name="from" label="From" description="Empty: from midnight." />
        <ClockField name="to" label="To" description="Before From: runs past midnight." />
      </Group>
      <Framed field={dates}>
        <Group grow align="flex-end">
          <TextInput
            type="date"
            label="First day"
            readOnly={dates.readOnly}
            error={dates.error}
            value={there ? String(dates.value.first ?? "") : ""}
            onChange={(event) => setDate("first", event.currentTarget.value)}
          />
          <TextInput
            type="date"
            label="Last day"
            readOnly={dates.readOnly}
            value={there ? String(dates.value.last ?? "") : ""}
            onChange={(event) => setDate("last", event.currentTarget.value)}
          />
        </Group>
      </Framed>
      {there && <SwitchField path={["yearly"]} label="Every year" />}
    </Stack>
  );
}

function ClockField({
  name,
  label,
  description,
}: {
  name: "from" | "to";
  label: string;
  description: string;
}) {
  const field = useField([name]);
  return (
    <Framed field={field}>
      <TextInput
        id={field.id}
        label={label}
        description={description}
        placeholder="HH:MM"
        readOnly={field.readOnly}
        error={field.error}
        value={typeof field.value === "string" ? field.value : ""}
        onChange={(event) =>
          field.set(event.currentTarget.value === "" ? undefined : event.currentTarget.value)
        }
      />
    </Framed>
  );
}
