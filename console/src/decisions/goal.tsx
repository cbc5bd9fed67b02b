/** Where a target leads: a decision of this tree, also one that is made here and now, or an app. */

import { ActionIcon, Group, Select, Stack, Tooltip } from "@mantine/core";
import { IconArrowRight } from "@tabler/icons-react";
import { useContext } from "react";
import { changed, type Path, type Value } from "../entities/document";
import { Framed, useBase, useField } from "../entities/form";
import { DestinationField } from "../entities/references";
import { Segments } from "../entities/segments";
import { withDecision } from "./change";
import { Context, useEditing } from "./editing";
import { Plus } from "./plus";

export function GoalField({
  path,
  label,
  required = true,
}: {
  path: Path;
  label: string;
  required?: boolean;
}) {
  const field = useField(path, { deep: true });
  const there = field.value !== undefined && field.value !== null;
  const kind = !there ? "none" : field.value.type === "decision" ? "decision" : "app";
  const choices = [
    ...(required ? [] : [{ value: "none", label: "Nowhere" }]),
    { value: "decision", label: "Decision" },
    { value: "app", label: "App" },
  ];
  const turn = (next: string) =>
    field.set(
      next === "none"
        ? undefined
        : next === "decision"
          ? { type: "decision", name: "" }
          : { type: "queue", name: "" },
    );
  return (
    <Stack gap={4}>
      <Segments
        label={label}
        size="xs"
        required={required}
        readOnly={field.readOnly}
        data={choices}
        value={kind}
        onChange={turn}
      />
      {kind === "decision" && <DecisionField path={path} label={`${label}: decision`} />}
      {kind === "app" && <DestinationField path={path} label="Destination" />}
    </Stack>
  );
}

function DecisionField({ path, label }: { path: Path; label: string }) {
  const { tree, choose } = useEditing();
  const field = useField(path, { deep: true });
  const name: string | null = field.value?.name || null;
  const decisions = Object.entries<Value>(tree.decisions ?? {}).map(([value, one]) => ({
    value,
    label: one?.title || value,
  }));
  const known = name === null || decisions.some((one) => one.value === name);
  return (
    <Framed field={field}>
      <Group gap={6} wrap="nowrap" align="flex-start">
        <Select
          id={field.id}
          aria-label={label}
          flex={1}
          placeholder="Which decision"
          searchable={!field.readOnly}
          allowDeselect={false}
          readOnly={field.readOnly}
          error={field.error}
          data={known ? decisions : [...decisions, { value: name, label: `${name} (there is none)` }]}
          value={name}
          onChange={(next) => field.set({ type: "decision", name: next ?? "" })}
          nothingFoundMessage="No such decision: make it with the plus"
        />
        {!field.readOnly && <NewDecision path={path} />}
        {name !== null && known && (
          <Tooltip label="Go to this decision">
            <ActionIcon
              size={36}
              variant="default"
              aria-label="Go to this decision"
              onClick={() => choose(name)}
            >
              <IconArrowRight size={18} />
            </ActionIcon>
          </Tooltip>
        )}
      </Group>
    </Framed>
  );
}

/** The blue plus: a new decision that this target leads to. */
function NewDecision({ path }: { path: Path }) {
  const { tree, change } = useContext(Context)!;
  const base = useBase();
  const make = (title: string) => {
    const made = withDecision(tree, title);
    change(changed(made.tree, [...base, ...path], { type: "decision", name: made.name }));
  };
  return <Plus label="New decision" size={18} position="bottom-end" onName={make} />;
}
