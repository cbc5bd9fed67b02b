/** Which nodes and ways of a tree a conversation has visited, from the paths of its trace. */

import type { DrawnTree, Way } from "./layout";

export interface Lit {
  nodes: Set<string>;
  ways: Set<string>;
  /** The node that was visited last. */
  last: string | null;
}

/** The node at the path, or the innermost one around it. */
export function nodeAt(nodes: { has(path: string): boolean }, path: string): string | null {
  for (let place = path; place !== ""; place = place.slice(0, Math.max(place.lastIndexOf("/"), 0))) {
    if (nodes.has(place)) return place;
  }
  return null;
}

/** `paths` in the order of the visit: of places, of decisions, or of actions inside them. */
export function lit(tree: DrawnTree, ways: Way[], paths: readonly string[]): Lit {
  const there = new Set(tree.nodes.map((one) => one.path));
  const visited = paths.map((path) => nodeAt(there, path)).filter((one) => one !== null);
  const seen = new Set(paths);
  const steps = new Set<string>();
  visited.forEach((node, index) => {
    const before = visited[index - 1];
    if (before !== undefined && before !== node) steps.add(`${before} ${node}`);
  });
  return {
    nodes: new Set(visited),
    ways: new Set(
      ways
        .filter((way) => steps.has(way.id) || (way.source === way.target && taken(way, seen)))
        .map((way) => way.id),
    ),
    last: visited.at(-1) ?? null,
  };
}

function taken(way: Way, seen: Set<string>): boolean {
  return way.edges.some((edge) => seen.has(edge.path));
}
