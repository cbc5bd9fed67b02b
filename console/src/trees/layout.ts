/** Where the nodes and ways of a tree are drawn: rows from the top down, worked out once for each shape of it. */

import { Graph, layout as place } from "@dagrejs/dagre";
import type { Schemas } from "../api/client";
import { compact } from "./compact";

export type DrawnNode = Schemas["DrawnNode"] & {
  /** How it differs from production. */
  mark?: "new" | "changed" | undefined;
  /** Where a decision tree begins. */
  start?: boolean;
};
export type DrawnEdge = Schemas["Edge"];
export interface DrawnTree {
  root: string;
  nodes: DrawnNode[];
  edges: DrawnEdge[];
}

export const WIDTH = 212;
export const HEIGHT = 76;
export const LINE = 16;
const LETTER = 6.4;
const LETTERS = 30;
const LINES = 3;
/** So many nodes are still arranged so that few ways cross, which takes long for more. */
const FEW = 80;

export interface Point {
  x: number;
  y: number;
}

/** All ways from one node to another, drawn as one line. */
export interface Way {
  id: string;
  source: string;
  target: string;
  edges: DrawnEdge[];
  lines: string[];
  width: number;
  points: Point[];
  label: Point;
  /** All of the line, where only its beginning is drawn unless it lights up. */
  far?: Point[];
}

export type Unplaced = Omit<Way, "points" | "label">;

export interface Placed {
  nodes: Map<string, Point>;
  ways: Way[];
}

/** Stays the same while only texts inside the nodes change. */
export function shapeOf(tree: DrawnTree): string {
  return JSON.stringify([
    tree.nodes.map((one) => one.path),
    tree.edges.map((one) => [one.source, one.target, one.label, one.when]),
  ]);
}

export function layout(tree: DrawnTree): Placed {
  const all = merged(tree);
  if (tree.nodes.length > FEW) return named(tree, all);
  const graph = new Graph({ multigraph: false });
  graph.setGraph({
    rankdir: "TB",
    nodesep: 28,
    ranksep: 44,
    edgesep: 18,
  });
  for (const node of tree.nodes) graph.setNode(node.path, { width: WIDTH, height: HEIGHT });
  for (const way of all) {
    graph.setEdge(way.source, way.target, {
      width: way.width,
      height: way.lines.length * LINE + 6,
      labelpos: "c",
    });
  }
  place(graph);
  const nodes = new Map<string, Point>();
  for (const path of graph.nodes()) {
    const found = graph.node(path) as Point;
    nodes.set(path, { x: found.x - WIDTH / 2, y: found.y - HEIGHT / 2 });
  }
  return {
    nodes,
    ways: all.map((way) => {
      const found = graph.edge(way.source, way.target) as { points: Point[]; x?: number; y?: number };
      const middle = found.points[Math.floor(found.points.length / 2)]!;
      return {
        ...way,
        points: found.points,
        label: { x: found.x ?? middle.x, y: found.y ?? middle.y },
      };
    }),
  };
}

/** Ways that are only begun say where they lead. */
function named(tree: DrawnTree, ways: Unplaced[]): Placed {
  const titles = new Map(tree.nodes.map((one) => [one.path, one.title]));
  const placed = compact(
    tree.root,
    tree.nodes.map((one) => one.path),
    ways,
  );
  for (const way of placed.ways) {
    if (way.far === undefined) continue;
    way.lines = [way.lines[0]!, `→ ${cut(titles.get(way.target) ?? "")}`];
    way.width = Math.max(...way.lines.map((one) => one.length)) * LETTER + 12;
  }
  return placed;
}

function merged(tree: DrawnTree): Unplaced[] {
  const there = new Set(tree.nodes.map((one) => one.path));
  const found = new Map<string, DrawnEdge[]>();
  for (const edge of tree.edges) {
    if (!there.has(edge.source) || !there.has(edge.target)) continue;
    const key = `${edge.source} ${edge.target}`;
    found.set(key, [...(found.get(key) ?? []), edge]);
  }
  return [...found].map(([id, edges]) => {
    const lines = linesOf(edges);
    const longest = Math.max(...lines.map((one) => one.length));
    const { source, target } = edges[0]!;
    return { id, source, target, edges, lines, width: longest * LETTER + 12 };
  });
}

function linesOf(edges: DrawnEdge[]): string[] {
  const labels = [...new Set(edges.map((one) => cut(one.label)))];
  if (labels.length <= LINES) return labels;
  return [...labels.slice(0, LINES - 1), `and ${labels.length - LINES + 1} more`];
}

function cut(text: string): string {
  if (text === "") return "…";
  return text.length > LETTERS ? `${text.slice(0, LETTERS - 1)}…` : text;
}

/** A line through the points with round corners. */
export function rounded(points: Point[], radius = 12): string {
  const [first, ...rest] = points;
  if (first === undefined) return "";
  let path = `M ${first.x} ${first.y}`;
  rest.forEach((point, index) => {
    const after = rest[index + 1];
    if (after === undefined) {
      path += ` L ${point.x} ${point.y}`;
      return;
    }
    const before = points[index]!;
    const start = towards(point, before, radius);
    const end = towards(point, after, radius);
    path += ` L ${start.x} ${start.y} Q ${point.x} ${point.y} ${end.x} ${end.y}`;
  });
  return path;
}

function towards(from: Point, to: Point, most: number): Point {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  const part = length === 0 ? 0 : Math.min(most, length / 2) / length;
  return { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part };
}
