/** The filters of the list of conversations. */

import {
  Button,
  Card,
  Collapse,
  Group,
  SegmentedControl,
  Select,
  SimpleGrid,
  TextInput,
} from "@mantine/core";
import { useDebouncedCallback, useDisclosure } from "@mantine/hooks";
import { IconAdjustmentsHorizontal, IconSearch, IconUser, IconX } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { KINDS } from "../kinds";
import { useCauses } from "./closing";
import { ALWAYS, countOf, type FilterName, NAMES } from "./filters";
import { choices, useProduction } from "./queries";

const MORE = NAMES.filter((name) => !ALWAYS.includes(name));
const YES_NO = (yes: string, no: string) => [
  { value: "true", label: yes },
  { value: "false", label: no },
];

export function FilterBar({
  address,
  change,
}: {
  address: URLSearchParams;
  /** Null takes a filter away. */
  change: (values: Partial<Record<FilterName, string | null>>) => void;
}) {
  const more = countOf(address, MORE);
  const [open, { toggle }] = useDisclosure(more > 0);
  return (
    <Card withBorder p="sm">
      <Group gap="sm" align="flex-end">
        <SegmentedControl
          aria-label="State"
          data={[
            { value: "", label: "All" },
            { value: "open", label: "Open" },
            { value: "ended", label: "Ended" },
          ]}
          value={address.get("state") ?? ""}
          onChange={(value) => change({ state: value || null })}
        />
        <Words
          name="text"
          label="Words that were said"
          icon={<IconSearch size={16} />}
          {...{ address, change }}
        />
        <Words
          name="who"
          label="Name of the customer"
          icon={<IconUser size={16} />}
          {...{ address, change }}
        />
        <Button
          variant="default"
          leftSection={<IconAdjustmentsHorizontal size={16} />}
          aria-expanded={open}
          onClick={toggle}
        >
          {more > 0 ? `More filters (${more})` : "More filters"}
        </Button>
        {countOf(address, NAMES) > 0 && (
          <Button
            variant="subtle"
            leftSection={<IconX size={16} />}
            onClick={() => change(Object.fromEntries(NAMES.map((name) => [name, null])))}
          >
            Clear
          </Button>
        )}
      </Group>
      <Collapse expanded={open}>
        <More address={address} change={change} />
      </Collapse>
    </Card>
  );
}

type BarProps = Parameters<typeof FilterBar>[0];

function More({ address, change }: BarProps) {
  const document = useProduction();
  const causes = useCauses();
  const places = KINDS.filter((one) => one.kind === "connectors" || one.type !== undefined).map((kind) => ({
    group: kind.many,
    items: choices(document, kind.kind).map((one) => ({ ...one, value: `${kind.kind}/${one.value}` })),
  }));
  const languages: string[] = document?.languages?.offered ?? [];
  const day = (name: FilterName, label: string) => (
    <TextInput
      type="date"
      label={label}
      value={address.get(name) ?? ""}
      onChange={(event) => change({ [name]: event.currentTarget.value || null })}
    />
  );
  const choice = (name: FilterName, label: string, data: Parameters<typeof Select>[0]["data"]) => (
    <Select
      label={label}
      placeholder="Any"
      data={withChosen(data, address.get(name))}
      value={address.get(name)}
      onChange={(value) => change({ [name]: value })}
      clearable
      clearButtonProps={{ "aria-label": `Any ${label.toLowerCase()}` }}
      searchable
    />
  );
  return (
    <SimpleGrid cols={{ base: 1, xs: 2, md: 4 }} spacing="sm" mt="sm">
      {choice("connector", "Connector", choices(document, "connectors"))}
      {choice("queue", "Queue", choices(document, "queues"))}
      {choice("place", "Where it stands", places)}
      {choice("language", "Language", languages)}
      {choice("cause", "Ended for", causes)}
      {choice("terminate", "Ended through", choices(document, "terminates"))}
      {choice("answered", "Answered", YES_NO("By a person", "Not by a person"))}
      {choice("missed", "Missed", YES_NO("Missed chats", "All others"))}
      {day("opened_after", "Opened from")}
      {day("opened_before", "Opened until")}
      <Words name="revision" label="Revision" {...{ address, change }} />
      <Words name="customer" label="Instagram's id of the customer" {...{ address, change }} />
      <Words name="account" label="Instagram's id of the account" {...{ address, change }} />
    </SimpleGrid>
  );
}

/** Words that count once nobody has typed for a moment. */
function Words({
  name,
  label,
  icon,
  address,
  change,
}: BarProps & { name: FilterName; label: string; icon?: React.ReactNode }) {
  const given = address.get(name) ?? "";
  const [typed, setTyped] = useState(given);
  const tell = useDebouncedCallback((value: string) => change({ [name]: value || null }), 300);
  useEffect(() => setTyped(given), [given]);
  const number = name === "revision";
  return (
    <TextInput
      {...(icon ? { "aria-label": label, placeholder: label, leftSection: icon } : { label })}
      type={icon ? "search" : "text"}
      inputMode={number ? "numeric" : undefined}
      maxLength={200}
      value={typed}
      onChange={(event) => {
        const value = number ? event.currentTarget.value.replace(/\D/g, "") : event.currentTarget.value;
        setTyped(value);
        tell(value);
      }}
      flex={icon ? "1 1 180px" : undefined}
    />
  );
}

/** What was chosen once may not be in production any more. */
function withChosen(data: Parameters<typeof Select>[0]["data"], chosen: string | null) {
  const known = JSON.stringify(data ?? []).includes(JSON.stringify(chosen ?? ""));
  return chosen === null || known ? data : [...(data ?? []), { value: chosen, label: chosen }];
}
