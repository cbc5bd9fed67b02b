/** One decision: its title and description, its actions, and what happens when nothing fits or nobody answers. */

import { ActionIcon, Badge, Button, Divider, Group, Menu, Stack, Text, Title } from "@mantine/core";
import { IconDots, IconFlag, IconTrash, IconX } from "@tabler/icons-react";
import { useEffect, useRef } from "react";
import { changed, type Path, type Value } from "../entities/document";
import { DurationField, NumberField, TextField } from "../entities/fields";
import { Within } from "../entities/form";
import { Optional } from "../entities/forms/optional";
import { TemplateField, TemplateInput } from "../entities/texts";
import { inserted, removed, transferred } from "./change";
import { CompletedInput } from "./completion";
import { Dragging } from "./dragging";
import { useEditing } from "./editing";
import classes from "./editor.module.css";
import { GoalField } from "./goal";
import { ActionList, type ListChanges } from "./list";

export function Pane({
  name,
  onRemove,
  onClose,
}: {
  name: string;
  onRemove: () => void;
  onClose: () => void;
}) {
  const { tree, readOnly, change, setOpen } = useEditing();
  const decision: Value = tree.decisions[name];
  const heading = useRef<HTMLHeadingElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: whoever chose another decision reads on there
  useEffect(() => heading.current?.focus({ preventScroll: true }), [name]);
  const set = (next: Value, open: Path | null) => {
    change(changed(tree, ["decisions", name], next));
    setOpen(open);
  };
  const changes: ListChanges = {
    insert: (list, index, action) => set(inserted(decision, list, index, action), [...list, index]),
    remove: (path) => set(removed(decision, path), null),
    move: (from, list, index) => {
      const moved = transferred(decision, from, list, index);
      set(moved.decision, moved.path);
    },
  };
  const isStart = tree.start === name;
  return (
    <Within path={["decisions", name]}>
      <TemplateInput.Provider value={CompletedInput}>
        <Group justify="space-between" wrap="nowrap" className={classes.paneHead}>
          <Group gap="xs" wrap="nowrap" miw={0}>
            <Title order={2} size="h4" ref={heading} tabIndex={-1} className={classes.paneTitle}>
              {decision?.title || name}
            </Title>
            {isStart && <Badge variant="light">start</Badge>}
          </Group>
          <Group gap={2} wrap="nowrap">
            {!readOnly && (
              <Menu position="bottom-end" withinPortal>
                <Menu.Target>
                  <ActionIcon aria-label="More for this decision">
                    <IconDots size={18} />
                  </ActionIcon>
                </Menu.Target>
                <Menu.Dropdown>
                  <Menu.Item
                    leftSection={<IconFlag size={16} />}
                    disabled={isStart}
                    onClick={() => change(changed(tree, ["start"], name))}
                  >
                    Make it the start
                  </Menu.Item>
                  <Menu.Item color="red" leftSection={<IconTrash size={16} />} onClick={onRemove}>
                    Remove this decision
                  </Menu.Item>
                </Menu.Dropdown>
              </Menu>
            )}
            <ActionIcon aria-label="Close this decision" onClick={onClose}>
              <IconX size={18} />
            </ActionIcon>
          </Group>
        </Group>
        <Stack p="md" gap="md" className={classes.paneBody}>
          <TextField path={["title"]} label="Title" required />
          <TextField path={["description"]} label="Description" lines={2} />
          <div>
            <Title order={3} size="h5" mb={2}>
              Actions
            </Title>
            <Dragging decision={decision} onMove={changes.move}>
              <ActionList path={["actions"]} label="Actions" changes={changes} />
            </Dragging>
          </div>
          <Divider label="When it waits for an answer" labelPosition="left" />
          <Optional
            path={["no_match"]}
            label="Nothing fits"
            description="What happens when the customer's answer fits none of this decision."
            fresh={() => ({ text: "" })}
          >
            <TemplateField
              path={["no_match", "text"]}
              variants={["no_match", "variants"]}
              label="Text"
              lines={2}
            />
            <NumberField
              path={["no_match", "attempts"]}
              label="Attempts"
              description="The answer that is wrong for the so many-th time goes there:"
              min={1}
              fallback={1}
            />
            <GoalField path={["no_match", "to"]} label="Then" required={false} />
          </Optional>
          <Optional
            path={["no_answer"]}
            label="No answer"
            description="What happens when the customer says nothing."
            fresh={() => ({ after: "PT1H", to: { type: "terminate", name: "" } })}
          >
            <DurationField path={["no_answer", "after"]} label="After" required />
            <GoalField path={["no_answer", "to"]} label="Then" />
          </Optional>
          {!readOnly && (
            <Button
              variant="subtle"
              color="red"
              size="xs"
              w="fit-content"
              leftSection={<IconTrash size={14} />}
              onClick={onRemove}
            >
              Remove this decision
            </Button>
          )}
          <Text size="xs" c="dimmed">
            {name}
          </Text>
        </Stack>
      </TemplateInput.Provider>
    </Within>
  );
}
