/** A decision tree as it is written, for drawing: its decisions, and where they lead. */

import type { Problem } from "../api/client";
import type { Value } from "../entities/document";
import type { Item } from "../entities/references";
import { KINDS, kindOfType } from "../kinds";
import type { DrawnEdge, DrawnNode, DrawnTree } from "../trees/layout";
import { answerLine, everyAction } from "./actions";
import type { Marks } from "./marks";

type Titles = Record<string, Item[]>;

/** `titles` are those of other entities by kind, `problems` have paths that begin at the tree. */
export function drawn(
  name: string,
  tree: Value,
  titles: Titles,
  problems: Problem[],
  marks: Marks,
): DrawnTree {
  const root = `decision_trees/${name}`;
  const decisions: Record<string, Value> = objects(tree.decisions);
  const edges = Object.entries(decisions).flatMap(([key, decision]) => edgesOf(root, key, decision));
  const start = `${root}/decisions/${tree.start}`;
  const reached = reachable(start, edges);
  const wrong = byDecision(problems);
  const nodes: DrawnNode[] = Object.entries(decisions).map(([key, decision]) => {
    const path = `${root}/decisions/${key}`;
    return {
      path,
      kind: "decision",
      title: textOf(decision?.title) || key,
      summary: firstWords(decision),
      parent: root,
      reachable: reached.has(path),
      missing: false,
      problems: wrong.get(key) ?? [],
      mark: marks.get(key),
      start: key === tree.start,
    };
  });
  const there = new Set(nodes.map((one) => one.path));
  for (const edge of edges) {
    if (there.has(edge.target)) continue;
    there.add(edge.target);
    nodes.push(elsewhere(edge.target, titles));
  }
  return { root: there.has(start) ? start : (nodes[0]?.path ?? root), nodes, edges };
}

function byDecision(problems: Problem[]): Map<string, Problem[]> {
  const found = new Map<string, Problem[]>();
  for (const problem of problems) {
    const [part, name] = problem.path.split("/");
    if (part !== "decisions" || name === undefined) continue;
    found.get(name)?.push(problem) ?? found.set(name, [problem]);
  }
  return found;
}

/** A place outside of the tree, or a decision that is not there. */
function elsewhere(path: string, titles: Titles): DrawnNode {
  const [kind = "", name = ""] = path.split("/");
  const type = KINDS.find((one) => one.kind === kind)?.type ?? "decision_tree";
  const decision = path.includes("/decisions/");
  const items = titles[kind];
  const found = items?.find((one) => one.name === name);
  return {
    path,
    kind: (decision ? "decision" : type) as DrawnNode["kind"],
    title: decision
      ? path.slice(path.lastIndexOf("/") + 1) || "(not chosen)"
      : (found?.title ?? (name || "(not chosen)")),
    summary: decision ? "" : (kindOfType(type)?.one ?? ""),
    parent: null,
    reachable: true,
    missing: decision || name === "" || (items !== undefined && items.length > 0 && found === undefined),
    problems: [],
  };
}

function edgesOf(root: string, key: string, decision: Value): DrawnEdge[] {
  const source = `${root}/decisions/${key}`;
  const found: DrawnEdge[] = [];
  const add = (to: Value, kind: DrawnEdge["kind"], label: string, field: string, when = "") => {
    const target = goalPath(root, to);
    if (target !== null)
      found.push({ source, target, kind, label, when, path: `${source}/${field}`, missing: false });
  };
  for (const { path, action, when } of everyAction(decision?.actions, ["actions"])) {
    if (action?.type !== "target") continue;
    if (action.answer) add(action.to, "answer", answerLine(action.answer), path.join("/"), when);
    else add(action.to, "immediately", "immediately", path.join("/"), when);
  }
  if (decision?.no_match?.to) add(decision.no_match.to, "no_match", "no match", "no_match");
  if (decision?.no_answer?.to) add(decision.no_answer.to, "no_answer", "no answer", "no_answer");
  return found;
}

function goalPath(root: string, to: Value): string | null {
  if (typeof to?.type !== "string") return null;
  if (to.type === "decision") return `${root}/decisions/${to.name ?? ""}`;
  const kind = kindOfType(to.type)?.kind;
  return kind === undefined ? null : `${kind}/${to.name ?? ""}`;
}

function reachable(start: string, edges: DrawnEdge[]): Set<string> {
  const ways = new Map<string, string[]>();
  for (const edge of edges) ways.set(edge.source, [...(ways.get(edge.source) ?? []), edge.target]);
  const found = new Set([start]);
  for (const path of found) for (const next of ways.get(path) ?? []) found.add(next);
  return found;
}

function firstWords(decision: Value): string {
  for (const { action } of everyAction(decision?.actions, ["actions"])) {
    if (action?.type === "send_message" && textOf(action.text)) return textOf(action.text);
  }
  return "";
}

function textOf(value: Value): string {
  return typeof value === "string" ? value : "";
}

function objects(value: Value): Record<string, Value> {
  return value !== null && typeof value === "object" ? value : {};
}
