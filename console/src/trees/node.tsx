/** A destination or decision in a diagram. */

import { IconAlertTriangle, IconArrowsSplit2, IconExclamationCircle } from "@tabler/icons-react";
import { Handle, type Node, type NodeProps, Position } from "@xyflow/react";
import { memo, useContext } from "react";
import { KINDS, kindOfType } from "../kinds";
import classes from "./diagram.module.css";
import type { DrawnNode } from "./layout";
import { Selecting } from "./selecting";

export type PlaceNode = Node<{ node: DrawnNode; start: boolean }, "place">;

export const Place = memo(PlaceBox, (one, other) => {
  const [mine, theirs] = [one.data, other.data];
  return (
    one.selected === other.selected &&
    mine.start === theirs.start &&
    (mine.node === theirs.node ||
      (mine.node.path === theirs.node.path &&
        mine.node.title === theirs.node.title &&
        mine.node.summary === theirs.node.summary &&
        mine.node.mark === theirs.node.mark &&
        mine.node.missing === theirs.node.missing &&
        mine.node.reachable === theirs.node.reachable &&
        sameProblems(mine.node, theirs.node)))
  );
});

function sameProblems(one: DrawnNode, other: DrawnNode): boolean {
  return (
    one.problems.length === other.problems.length &&
    one.problems.every((problem, index) => problem.message === other.problems[index]?.message)
  );
}

function PlaceBox({ data: { node, start }, selected }: NodeProps<PlaceNode>) {
  const select = useContext(Selecting);
  const kind = kindOfType(node.kind) ?? KINDS.find((one) => one.kind === "connectors")!;
  const Icon = node.kind === "decision" ? IconArrowsSplit2 : kind.icon;
  const state = node.missing ? "there is no such place" : node.reachable ? "" : "nothing leads here";
  const errors = node.problems.filter((one) => one.severity === "error").length;
  return (
    <>
      <Handle type="target" position={Position.Top} isConnectable={false} className={classes.handle} />
      <button
        type="button"
        className={classes.node}
        data-path={node.path}
        data-kind={node.kind}
        data-selected={selected || undefined}
        data-missing={node.missing || undefined}
        data-unreachable={!node.reachable || undefined}
        data-start={start || undefined}
        aria-pressed={selected}
        title={node.problems.map((one) => one.message).join("\n") || undefined}
        onClick={() => select(node.path)}
      >
        <span className={classes.icon}>
          <Icon size={18} stroke={1.7} />
        </span>
        <span className={classes.words}>
          <span className={classes.title}>{node.title}</span>
          <span className={classes.hidden}>, {spokenKind(node)}. </span>
          <span className={classes.summary}>{state || node.summary || spokenKind(node)}</span>
        </span>
        {(start || node.mark) && (
          <span className={classes.marks}>
            {start && <span className={classes.start}>start</span>}
            {node.mark && <span className={classes.mark}>{node.mark}</span>}
          </span>
        )}
        {node.problems.length > 0 && (
          <span className={classes.problems} data-severity={errors > 0 ? "error" : "warning"}>
            {errors > 0 ? <IconExclamationCircle size={14} /> : <IconAlertTriangle size={14} />}
            {node.problems.length}
            <span className={classes.hidden}>{errors > 0 ? " to mend" : " to look at"}</span>
          </span>
        )}
      </button>
      <Handle type="source" position={Position.Bottom} isConnectable={false} className={classes.handle} />
    </>
  );
}

function spokenKind(node: DrawnNode): string {
  return node.kind.replace("_", " ");
}
