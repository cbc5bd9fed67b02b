/** Where a target leads: a decision of this tree, also one that is made here and now, or an app. */

import {
  ActionIcon,
  Button,
  Group,
  Input,
  Popover,
  SegmentedControl,
  Select,
  Stack,
  TextInput,
  Tooltip,
} from "@mantine/core";
import { IconArrowRight, IconPlus } from "@tabler/icons-react";
import { useContext, useState } from "react";
import { changed, type Path, type Value } from "../entities/document";
import { Framed, useBase, useField } from "../entities/form";
import { DestinationField } from "../entities/references";
import { withDecision } from "./change";
import { Context, useEditing } from "./editing";

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
      <Input.Wrapper label={label} withAsterisk={required} labelElement="div">
        <div>
          <SegmentedControl
            aria-label={label}
            size="xs"
            mt={4}
            readOnly={field.readOnly}
            data={choices}
            value={kind}
            onChange={turn}
          />
        </div>
      </Input.Wrapper>
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
  const [opened, setOpened] = useState(false);
  const [title, setTitle] = useState("");
  const make = () => {
    const made = withDecision(tree, title.trim());
    change(changed(made.tree, [...base, ...path], { type: "decision", name: made.name }));
    setTitle("");
    setOpened(false);
  };
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" withArrow trapFocus>
      <Popover.Target>
        <Tooltip label="New decision">
          <ActionIcon
            size={36}
            variant="filled"
            color="signal"
            aria-label="New decision"
            aria-expanded={opened}
            onClick={() => setOpened(!opened)}
          >
            <IconPlus size={18} />
          </ActionIcon>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            event.stopPropagation();
            if (title.trim()) make();
          }}
        >
          <Group align="flex-end" gap="xs">
            <TextInput
              label="Name of the new decision"
              data-autofocus
              value={title}
              onChange={(event) => setTitle(event.currentTarget.value)}
            />
            <Button type="submit" disabled={title.trim() === ""}>
              Add
            </Button>
          </Group>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}
