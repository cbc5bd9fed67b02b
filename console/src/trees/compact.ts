/** How large trees are arranged: each node below the first one that leads to it, in one pass, without minding crossings. */

import { HEIGHT, type Placed, type Point, type Unplaced, WIDTH } from "./layout";

const COLUMN = WIDTH + 32;
const ROW = HEIGHT + 66;
/** Leaves hang below each other, this much to the right of where they come from. */
const INDENT = 30;
const LABEL = 24;

export function compact(root: string, paths: string[], ways: Unplaced[]): Placed {
  const below = spanning(root, paths, ways);
  const parents = new Map(
    [...below].flatMap(([parent, inner]) => inner.map((one) => [one, parent] as const)),
  );
  const hangs = (path: string) => isBunch(below.get(parents.get(path) ?? "") ?? [], below);
  const widths = measured(below, paths);
  const nodes = new Map<string, Point>();
  let right = 0;
  for (const path of paths) {
    if (parents.has(path)) continue;
    place(path, right, 0, below, widths, nodes);
    right += widths.get(path)! * COLUMN;
  }
  const stubs = new Map<string, number>();
  return {
    nodes,
    ways: ways.map((way) => {
      const from = nodes.get(way.source)!;
      const to = nodes.get(way.target)!;
      if (parents.get(way.target) === way.source)
        return { ...way, ...(hangs(way.target) ? sideways(from, to) : downwards(from, to)) };
      const number = stubs.get(way.source) ?? 0;
      stubs.set(way.source, number + 1);
      return { ...way, ...stub(from, number), far: downwards(from, to).points };
    }),
  };
}

/** Each node's children: those that it is the first to lead to. */
function spanning(root: string, paths: string[], ways: Unplaced[]): Map<string, string[]> {
  const out = new Map<string, string[]>();
  for (const way of ways) out.get(way.source)?.push(way.target) ?? out.set(way.source, [way.target]);
  const below = new Map<string, string[]>();
  const seen = new Set<string>();
  for (const first of [root, ...paths]) {
    if (seen.has(first)) continue;
    seen.add(first);
    const waiting = [first];
    for (const path of waiting) {
      const inner = (out.get(path) ?? []).filter((one) => !seen.has(one));
      for (const one of new Set(inner)) {
        seen.add(one);
        waiting.push(one);
        below.get(path)?.push(one) ?? below.set(path, [one]);
      }
    }
  }
  return below;
}

/** Several children without any of their own. */
function isBunch(children: string[], below: Map<string, string[]>): boolean {
  return children.length > 1 && children.every((one) => !below.has(one));
}

/** How many columns each node needs with all below it. */
function measured(below: Map<string, string[]>, paths: string[]): Map<string, number> {
  const widths = new Map<string, number>();
  const order: string[] = [];
  const inner = new Set([...below.values()].flat());
  const waiting = paths.filter((one) => !inner.has(one));
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    order.push(path);
    waiting.push(...(below.get(path) ?? []));
  }
  for (const path of order.reverse()) {
    const children = below.get(path) ?? [];
    const wide = isBunch(children, below) ? 1.2 : children.reduce((sum, one) => sum + widths.get(one)!, 0);
    widths.set(path, Math.max(wide, 1));
  }
  return widths;
}

function place(
  first: string,
  left: number,
  top: number,
  below: Map<string, string[]>,
  widths: Map<string, number>,
  nodes: Map<string, Point>,
) {
  const waiting = [{ path: first, left, top }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const children = below.get(next.path) ?? [];
    const bunch = isBunch(children, below);
    const middle = bunch ? next.left : next.left + ((widths.get(next.path)! - 1) * COLUMN) / 2;
    nodes.set(next.path, { x: middle, y: next.top });
    let at = next.left;
    children.forEach((path, index) => {
      const y = next.top + ROW * (bunch ? index + 1 : 1);
      waiting.push({ path, left: bunch ? next.left + INDENT : at, top: y });
      if (!bunch) at += widths.get(path)! * COLUMN;
    });
  }
}

function sideways(from: Point, to: Point): { points: Point[]; label: Point } {
  const x = from.x + INDENT / 2;
  const y = to.y + HEIGHT / 2;
  return {
    points: [
      { x, y: from.y + HEIGHT },
      { x, y },
      { x: to.x, y },
    ],
    label: { x: to.x + WIDTH / 2, y: to.y - LABEL },
  };
}

function downwards(from: Point, to: Point): { points: Point[]; label: Point } {
  const start = { x: from.x + WIDTH / 2, y: from.y + HEIGHT };
  const end = { x: to.x + WIDTH / 2, y: to.y };
  return {
    points: [start, { x: start.x, y: start.y + 12 }, { x: end.x, y: end.y - 52 }, end],
    label: { x: end.x, y: end.y - LABEL },
  };
}

/** A way across the tree is only begun, and says where it leads: hundreds of them would hide everything else. */
function stub(from: Point, number: number): { points: Point[]; label: Point } {
  const x = from.x + WIDTH - 24;
  const y = from.y + HEIGHT;
  const end = y + 14 + number * 8;
  return {
    points: [
      { x, y },
      { x, y: end },
    ],
    label: { x, y: end + 20 },
  };
}
