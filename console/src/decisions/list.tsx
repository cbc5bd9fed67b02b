/** The actions of a decision as a list: each opens to its form, and conditions and loops have lists inside. */

import { useDraggable } from "@dnd-kit/core";
import { ActionIcon, Badge, Box, Button, Collapse, Group, Menu, Text, UnstyledButton } from "@mantine/core";
import {
  IconAlertTriangle,
  IconArrowDown,
  IconArrowUp,
  IconChevronDown,
  IconCopy,
  IconDots,
  IconExclamationCircle,
  IconGripVertical,
  IconPlus,
  IconTrash,
} from "@tabler/icons-react";
import { useEffect, useRef } from "react";
import { type Path, same, type Value } from "../entities/document";
import { seconds } from "../entities/duration";
import { useField, useOther, useProblemsAt, Within } from "../entities/form";
import { useItems } from "../entities/references";
import { kindOfType } from "../kinds";
import { ACTIONS, type ActionKind, actionKind, everyAction, listsOf } from "./actions";
import { GapBetween } from "./dragging";
import { useEditing } from "./editing";
import classes from "./editor.module.css";
import { ActionForm } from "./forms";

/** How a list is changed; paths begin at the decision. */
export interface ListChanges {
  insert: (list: Path, index: number, action: Value) => void;
  remove: (path: Path) => void;
  move: (from: Path, list: Path, index: number) => void;
}

export function ActionList({ path, label, changes }: { path: Path; label: string; changes: ListChanges }) {
  const { readOnly } = useEditing();
  const field = useField(path);
  const actions: Value[] = Array.isArray(field.value) ? field.value : [];
  return (
    <Box>
      <Box role="list" aria-label={label}>
        {actions.map((action, index) => (
          <Box key={index} role="listitem">
            <GapBetween list={path} index={index} />
            <ActionCard
              path={[...path, index]}
              action={action}
              last={index === actions.length - 1}
              changes={changes}
            />
          </Box>
        ))}
      </Box>
      <GapBetween
        list={path}
        index={actions.length}
        empty={
          actions.length === 0 ? (
            <Text size="xs" c="dimmed">
              {readOnly ? "Nothing" : "Nothing yet: add an action, or drag one here."}
            </Text>
          ) : undefined
        }
      />
      {field.error && (
        <Text size="xs" c="red" role="alert">
          {field.error}
        </Text>
      )}
      {!readOnly && (
        <AddAction label={label} onAdd={(kind) => changes.insert(path, actions.length, kind.fresh())} />
      )}
    </Box>
  );
}

function ActionCard({
  path,
  action,
  last,
  changes,
}: {
  path: Path;
  action: Value;
  last: boolean;
  changes: ListChanges;
}) {
  const { readOnly, open, setOpen } = useEditing();
  const address = path.join("/");
  const kind = actionKind(action);
  const name = kind?.label ?? String(action?.type ?? "Action");
  const opened = open === address;
  const { setNodeRef, attributes, listeners, isDragging } = useDraggable({
    id: `action:${address}`,
    data: { path },
    disabled: readOnly,
  });
  const Icon = kind?.icon ?? IconDots;
  const card = useRef<HTMLDivElement | null>(null);
  useEffect(() => {
    if (opened) card.current?.scrollIntoView({ block: "nearest" });
  }, [opened]);
  const index = path.at(-1) as number;
  const list = path.slice(0, -1);
  return (
    <Box
      ref={(element: HTMLDivElement | null) => {
        card.current = element;
        setNodeRef(element);
      }}
      className={classes.action}
      data-dragging={isDragging || undefined}
      data-open={opened || undefined}
    >
      <Group gap={4} wrap="nowrap" p={4}>
        {!readOnly && (
          <ActionIcon
            {...attributes}
            {...listeners}
            className={classes.grip}
            aria-label={`Drag ${name} ${index + 1}`}
          >
            <IconGripVertical size={16} />
          </ActionIcon>
        )}
        <UnstyledButton
          className={classes.head}
          aria-expanded={opened}
          data-action={address}
          onClick={() => setOpen(opened ? null : path)}
        >
          <Icon size={18} stroke={1.7} className={classes.sign} />
          <span className={classes.text}>
            <Text size="sm" fw={600} component="span">
              {name}
            </Text>
            <Text size="xs" c="dimmed" component="span" truncate>
              {kind?.line(action)}
            </Text>
            {action?.type === "target" && <Leads to={action.to} />}
          </span>
          <Signs path={path} action={action} />
          <IconChevronDown size={16} className={classes.chevron} />
        </UnstyledButton>
        {!readOnly && (
          <Menu position="bottom-end" withinPortal>
            <Menu.Target>
              <ActionIcon aria-label={`More for ${name} ${index + 1}`}>
                <IconDots size={16} />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item
                leftSection={<IconArrowUp size={16} />}
                disabled={index === 0}
                onClick={() => changes.move(path, list, index - 1)}
              >
                Move up
              </Menu.Item>
              <Menu.Item
                leftSection={<IconArrowDown size={16} />}
                disabled={last}
                onClick={() => changes.move(path, list, index + 2)}
              >
                Move down
              </Menu.Item>
              <Menu.Item
                leftSection={<IconCopy size={16} />}
                onClick={() => changes.insert(list, index + 1, copied(action))}
              >
                Duplicate
              </Menu.Item>
              <Menu.Item
                color="red"
                leftSection={<IconTrash size={16} />}
                onClick={() => changes.remove(path)}
              >
                Remove
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        )}
      </Group>
      <Collapse expanded={opened}>
        {opened && (
          <Box px="sm" pb="sm" pt={4}>
            <Within path={path}>
              <ActionForm type={String(action?.type)} />
            </Within>
          </Box>
        )}
      </Collapse>
      {listsOf(action).map(({ key, label }) => (
        <Box key={key} className={classes.inner}>
          <Text size="xs" fw={600} c="dimmed">
            {label}
          </Text>
          <ActionList path={[...path, key]} label={`${label} of ${name} ${index + 1}`} changes={changes} />
        </Box>
      ))}
    </Box>
  );
}

/** A copy of an action; what is the default of the decision stays so once. */
function copied(action: Value): Value {
  if (!action?.answer?.default) return action;
  const { default: _, ...answer } = action.answer;
  return { ...action, answer };
}

function Leads({ to }: { to: Value }) {
  const { tree } = useEditing();
  const apps = useItems(kindOfType(String(to?.type))?.kind);
  const title =
    to?.type === "decision"
      ? tree.decisions?.[to.name]?.title
      : apps.find((one) => one.name === to?.name)?.title;
  return (
    <Text size="xs" c="dimmed" component="span" truncate>
      → {title ?? (to?.name || "not chosen yet")}
    </Text>
  );
}

/** What is wrong in an action, and whether production has none like it. */
function Signs({ path, action }: { path: Path; action: Value }) {
  const problems = useProblemsAt(path);
  const other = useOther();
  const { decision, marks } = useEditing();
  const own = problems.filter(
    (one) => !listsOf(action).some(({ key }) => one.path.startsWith(`${path.join("/")}/${key}/`)),
  );
  const errors = own.filter((one) => one.severity === "error").length;
  const differs =
    other !== undefined &&
    marks.get(decision ?? "") === "changed" &&
    ![...everyAction(other?.actions, ["actions"])].some((one) => same(alone(one.action), alone(action)));
  return (
    <>
      {action?.answer?.default && (
        <Badge size="xs" variant="light">
          default
        </Badge>
      )}
      {differs && <span className={classes.differs}>differs</span>}
      {own.length > 0 && (
        <Text component="span" size="xs" fw={600} c={errors > 0 ? "red" : "orange"} className={classes.count}>
          {errors > 0 ? <IconExclamationCircle size={15} /> : <IconAlertTriangle size={15} />}
          {own.length}
          <span className={classes.hidden}> {errors > 0 ? "to mend" : "to look at"}</span>
        </Text>
      )}
    </>
  );
}

/** An action without those inside, and with what means the same written in one way. */
function alone(action: Value): Value {
  const copy = { ...action };
  for (const { key } of listsOf(action)) delete copy[key];
  if (copy.execution === "immediately") delete copy.execution;
  if (copy.timeout !== undefined) copy.timeout = seconds(copy.timeout);
  return copy;
}

const GROUPS: ActionKind["group"][] = ["Actions", "Groups", "Targets"];

function AddAction({ label, onAdd }: { label: string; onAdd: (kind: ActionKind) => void }) {
  return (
    <Menu position="bottom-start" withinPortal>
      <Menu.Target>
        <Button
          size="compact-sm"
          variant="light"
          leftSection={<IconPlus size={14} />}
          aria-label={`Add to ${label}`}
        >
          Add
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {GROUPS.map((group) => [
          <Menu.Label key={group}>{group}</Menu.Label>,
          ...ACTIONS.filter((one) => one.group === group).map((kind) => (
            <Menu.Item key={kind.type} leftSection={<kind.icon size={16} />} onClick={() => onAdd(kind)}>
              {kind.label}
            </Menu.Item>
          )),
        ])}
      </Menu.Dropdown>
    </Menu>
  );
}
