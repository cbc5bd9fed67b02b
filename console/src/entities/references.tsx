/** Fields that lead to other entities: destinations, and names of one kind. */

import { ActionIcon, Group, Input, Select, Tooltip } from "@mantine/core";
import { IconArrowUpRight, IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { client, told } from "../api/client";
import { useMay } from "../api/session";
import { KINDS, kindOfType } from "../kinds";
import { type FieldProps, SelectField } from "./fields";
import { Framed, useField } from "./form";

export interface Item {
  name: string;
  title: string;
}

/** All entities of a kind in the sandbox (for viewers: in production), by name and title. */
export function useItems(kind: string | undefined): Item[] {
  const supervisor = useMay("supervisor");
  const found = useQuery({
    queryKey: ["items", kind, supervisor],
    queryFn: async () => {
      const items: Item[] = [];
      let cursor: string | null | undefined;
      do {
        const path = { kind: kind as never };
        const query = { limit: 200, ...(cursor ? { cursor } : {}) };
        const page = supervisor
          ? await told(client.GET("/api/v1/sandbox/{kind}", { params: { path, query } }))
          : await told(client.GET("/api/v1/production/{kind}", { params: { path, query } }));
        for (const one of page.items) {
          if (!("state" in one) || one.state !== "removed")
            items.push({ name: one.name, title: one.title ?? one.name });
        }
        cursor = page.cursor;
      } while (cursor);
      return items;
    },
    enabled: kind !== undefined,
  });
  return found.data ?? [];
}

function choices(items: Item[]) {
  return items.map((one) => ({ value: one.name, label: one.title }));
}

/** The name of an entity of one kind. */
export function NameField({ kind, ...props }: FieldProps & { kind: string }) {
  const items = useItems(kind);
  return <SelectField {...props} searchable choices={choices(items)} />;
}

const TYPES = KINDS.filter((one) => one.type !== undefined).map((one) => ({
  value: one.type!,
  label: one.one.charAt(0).toUpperCase() + one.one.slice(1),
}));

/** A destination: its type, and which one. */
export function DestinationField({ path, label, description, required = true }: FieldProps) {
  const field = useField(path, { deep: true });
  const type: string | null = typeof field.value?.type === "string" ? field.value.type : null;
  const name: string | null =
    typeof field.value?.name === "string" && field.value.name ? field.value.name : null;
  const kind = type === null ? undefined : kindOfType(type)?.kind;
  const items = useItems(kind);
  const known = name === null || items.some((one) => one.name === name);
  const data = choices(items);
  return (
    <Framed field={field}>
      <Input.Wrapper
        label={label}
        description={description}
        withAsterisk={required}
        error={field.error}
        labelProps={{ htmlFor: `${field.id}-type` }}
      >
        <Group gap={6} mt={4} align="flex-end">
          <Select
            id={`${field.id}-type`}
            flex="0 1 150px"
            miw={90}
            placeholder="Type"
            readOnly={field.readOnly}
            clearable={!required && !field.readOnly}
            allowDeselect={!required}
            data={TYPES}
            value={type}
            onChange={(next) => field.set(next === null ? undefined : { type: next, name: "" })}
          />
          <Select
            aria-label={`${label}: which one`}
            flex="1 1 130px"
            miw={90}
            placeholder={type === null ? "" : "Which one"}
            disabled={type === null}
            readOnly={field.readOnly}
            searchable={!field.readOnly}
            allowDeselect={false}
            data={known ? data : [...data, { value: name, label: `${name} (there is none)` }]}
            value={name}
            onChange={(next) => field.set({ type, name: next ?? "" })}
            nothingFoundMessage="Nothing found"
          />
          {kind !== undefined && (
            <Tooltip label={name ? "Open it" : "Make one"}>
              <ActionIcon
                component={Link}
                to={name ? `/routing/${kind}/${name}` : `/routing/${kind}?new=1`}
                size="lg"
                aria-label={name ? `Open ${name}` : "Make one"}
              >
                {name ? <IconArrowUpRight size={18} /> : <IconPlus size={18} />}
              </ActionIcon>
            </Tooltip>
          )}
        </Group>
      </Input.Wrapper>
    </Framed>
  );
}
