/** The decision tree editor: a canvas of decisions, and beside it the one that is edited. */

import { ActionIcon, Alert, Drawer, Group, SegmentedControl, Text, Tooltip } from "@mantine/core";
import { useDebouncedValue, useHotkeys, useMediaQuery } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { IconArrowBackUp, IconArrowForwardUp, IconSettings } from "@tabler/icons-react";
import { type ReactNode, useDeferredValue, useMemo, useState } from "react";
import { useSearchParams } from "react-router";
import type { Problem, Schemas } from "../api/client";
import { useMay } from "../api/session";
import { Around, StateBadge } from "../entities/around";
import type { Path, Value } from "../entities/document";
import { useDraft, within } from "../entities/draft";
import { FormOf } from "../entities/form";
import { TitleFields } from "../entities/forms/plain";
import { revised } from "../entities/sides";
import type { Kind } from "../kinds";
import { ago } from "../words";
import { Canvas } from "./canvas";
import { withDecision, withoutDecision } from "./change";
import { Context, type Editing, useNames } from "./editing";
import classes from "./editor.module.css";
import { type Marks, NO_MARKS, useMarks } from "./marks";
import { Pane } from "./pane";
import { ProblemsButton } from "./problems";

/** Wide enough for the canvas and a decision beside it. */
const WIDE = "(min-width: 1100px)";

export function TreeEditor({
  kind,
  name,
  entity,
}: {
  kind: Kind;
  name: string;
  entity: Schemas["SandboxEntity"];
}) {
  const admin = useMay("admin");
  const draft = useDraft(kind, name, entity);
  const [side, setSide] = useState<"sandbox" | "production">("sandbox");
  const marks = useMarks(draft);
  const { at, go } = useCursor();
  const { production } = entity;
  const isSandbox = side === "sandbox" || production === null;
  const problems = useMemo(() => within(draft.problems, entity.path), [draft.problems, entity.path]);
  useHotkeys(
    [
      ["mod+Z", draft.undo],
      ["mod+shift+Z", draft.redo],
      ["mod+Y", draft.redo],
      ["mod+S", () => admin && draft.unsaved && draft.save()],
    ],
    [],
    true,
  );
  const show = ({ path }: Problem) => {
    const [part, decision, ...rest] = path.slice(entity.path.length + 1).split("/");
    setSide("sandbox");
    if (part === "decisions" && decision !== undefined) go(decision, actionOf(rest));
  };
  return (
    <Around
      draft={draft}
      listed={false}
      buttons={
        admin && (
          <>
            <Tooltip label="Undo (Ctrl+Z)">
              <ActionIcon
                variant="default"
                size={36}
                aria-label="Undo"
                disabled={!draft.canUndo}
                onClick={draft.undo}
              >
                <IconArrowBackUp size={18} />
              </ActionIcon>
            </Tooltip>
            <Tooltip label="Redo (Ctrl+Shift+Z)">
              <ActionIcon
                variant="default"
                size={36}
                aria-label="Redo"
                disabled={!draft.canRedo}
                onClick={draft.redo}
              >
                <IconArrowForwardUp size={18} />
              </ActionIcon>
            </Tooltip>
          </>
        )
      }
    >
      <Group justify="space-between" gap="xs">
        <Group gap="xs">
          {production && (
            <SegmentedControl
              aria-label="Which version"
              data={[
                { value: "sandbox", label: "Sandbox" },
                { value: "production", label: "Production" },
              ]}
              value={side}
              onChange={(next) => setSide(next as typeof side)}
            />
          )}
          <StateBadge draft={draft} />
          <ProblemsButton
            problems={draft.problems}
            tree={draft.document}
            path={entity.path}
            onChoose={show}
          />
        </Group>
        <Text size="xs" c="dimmed">
          {isSandbox ? `${draft.seen.author}, ${ago(draft.seen.changed_at)}` : revised(production)}
        </Text>
      </Group>
      {isSandbox ? (
        <Desk
          key="sandbox"
          name={name}
          tree={draft.document}
          other={production?.document}
          marks={marks}
          problems={problems}
          readOnly={!admin}
          change={draft.change}
          at={at}
          go={go}
        />
      ) : (
        <Desk
          key="production"
          name={name}
          tree={production.document}
          other={draft.document}
          marks={marks}
          problems={NONE}
          readOnly
          change={() => {}}
          at={at}
          go={go}
        />
      )}
    </Around>
  );
}

/** The same for those who see production only. */
export function TreeReader({ name, document }: { name: string; document: Value }) {
  const { at, go } = useCursor();
  return (
    <Desk
      name={name}
      tree={document}
      other={undefined}
      marks={NO_MARKS}
      problems={NONE}
      readOnly
      change={() => {}}
      at={at}
      go={go}
    />
  );
}

const NONE: Problem[] = [];

interface Cursor {
  decision: string | null;
  /** The action that is open, as a path inside the decision. */
  open: string | null;
}

/** Which decision and action are open is part of the address. */
function useCursor() {
  const [query, setQuery] = useSearchParams();
  const given = query.get("at");
  const at: Cursor = {
    decision: query.get("decision"),
    open: given === null ? null : actionOf(given.split("/")),
  };
  const go = (decision: string | null, open: string | null = null) =>
    setQuery(
      (before) => {
        if (decision === null) before.delete("decision");
        else before.set("decision", decision);
        if (open === null) before.delete("at");
        else before.set("at", open);
        return before;
      },
      { replace: true, preventScrollReset: true },
    );
  return { at, go };
}

/** The action at a path or around it: a path ends with the last number after a list of actions. */
function actionOf(path: string[]): string | null {
  const lists = ["actions", "then", "otherwise"];
  let end = 0;
  for (let place = 0; lists.includes(path[place] ?? "") && /^\d+$/.test(path[place + 1] ?? ""); place += 2)
    end = place + 2;
  return end > 0 ? path.slice(0, end).join("/") : null;
}

function Desk({
  name,
  tree,
  other,
  marks,
  problems,
  readOnly,
  change,
  at,
  go,
}: {
  name: string;
  tree: Value;
  other: Value;
  marks: Marks;
  problems: Problem[];
  readOnly: boolean;
  change: (tree: Value) => void;
  at: Cursor;
  go: (decision: string | null, open?: string | null) => void;
}) {
  const wide = useMediaQuery(WIDE, true, { getInitialValueInEffect: false });
  const drawnTree = useDeferredValue(tree);
  const [settled] = useDebouncedValue(tree, 900);
  const decision = at.decision !== null && tree.decisions?.[at.decision] !== undefined ? at.decision : null;
  const names = useNames(name, settled);
  const editing: Editing = {
    tree,
    readOnly,
    decision,
    names,
    marks,
    change,
    choose: (next) => go(next),
    open: at.open,
    setOpen: (path: Path | null) => go(decision, path === null ? null : path.join("/")),
  };
  const add = (title: string) => {
    const made = withDecision(tree, title);
    change(made.tree);
    go(made.name);
  };
  const close = () => {
    const path = `decision_trees/${name}/decisions/${decision}`;
    go(null);
    document.querySelector<HTMLElement>(`button[data-path="${CSS.escape(path)}"]`)?.focus();
  };
  const remove = () => {
    if (decision === null) return;
    change(withoutDecision(tree, decision));
    go(null);
    notifications.show({
      message: `${tree.decisions[decision].title || decision} is removed. Undo brings it back.`,
    });
  };
  const pane =
    decision === null ? null : <Pane key={decision} name={decision} onRemove={remove} onClose={close} />;
  return (
    <Context.Provider value={editing}>
      <FormOf id="tree" document={tree} other={other} problems={problems} readOnly={readOnly} change={change}>
        <div className={classes.desk}>
          <div className={classes.canvas}>
            <Canvas name={name} tree={drawnTree} problems={problems} onAdd={add} />
          </div>
          {wide ? (
            <section className={classes.pane} aria-label="Decision">
              {pane ?? <Overview />}
            </section>
          ) : (
            <Drawer.Root
              opened={pane !== null}
              onClose={close}
              position="right"
              size="min(520px, 100%)"
              closeOnEscape={false}
            >
              <Drawer.Overlay />
              <Drawer.Content aria-label="Decision">
                <Drawer.Body p={0}>{pane}</Drawer.Body>
              </Drawer.Content>
            </Drawer.Root>
          )}
        </div>
        {!wide && <Own />}
      </FormOf>
    </Context.Provider>
  );
}

/** What is said of the tree itself while no decision is open. */
function Overview() {
  return (
    <div className={classes.overview}>
      <Alert variant="light" color="gray" icon={<IconSettings size={18} />} mb="md">
        Choose a decision to edit it, or add one with the plus.
      </Alert>
      <Own />
    </div>
  );
}

function Own(): ReactNode {
  return (
    <div className={classes.own}>
      <TitleFields />
    </div>
  );
}
