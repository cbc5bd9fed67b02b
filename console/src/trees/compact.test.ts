import { expect, test } from "vitest";
import { compact } from "./compact";
import { HEIGHT, type Unplaced, WIDTH } from "./layout";

const way = (source: string, target: string): Unplaced => ({
  id: `${source}>${target}`,
  source,
  target,
  edges: [],
  lines: [],
  width: 0,
});

/** A tree drawn at random, always the same for a seed: half of the nodes hang below an earlier one, ways lead across. */
function grown(seed: number, size: number): { paths: string[]; ways: Unplaced[] } {
  let state = seed;
  const random = (below: number) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * below);
  };
  const paths = Array.from({ length: size }, (_, index) => `n${index}`);
  const ways = paths.slice(1).map((path, index) => way(`n${random(index + 1)}`, path));
  for (let across = 0; across < size / 2; across++) ways.push(way(`n${random(size)}`, `n${random(size)}`));
  return { paths, ways };
}

test.each([1, 2, 3, 4, 5])("no node covers another, and every way begins at its node (seed %i)", (seed) => {
  const { paths, ways } = grown(seed, 300);
  const placed = compact("n0", paths, ways);
  expect([...placed.nodes.keys()].sort()).toEqual([...paths].sort());
  const spots = [...placed.nodes.values()];
  for (const [index, one] of spots.entries())
    for (const other of spots.slice(index + 1))
      expect(Math.abs(one.x - other.x) >= WIDTH || Math.abs(one.y - other.y) >= HEIGHT).toBe(true);
  expect(placed.ways.map((one) => one.id)).toEqual(ways.map((one) => one.id));
  for (const one of placed.ways) {
    const from = placed.nodes.get(one.source)!;
    expect(one.points[0]!.x).toBeGreaterThanOrEqual(from.x);
    expect(one.points[0]!.x).toBeLessThanOrEqual(from.x + WIDTH);
    expect(one.points[0]!.y).toBe(from.y + HEIGHT);
  }
});

test("what nothing leads to is drawn beside the tree", () => {
  const placed = compact("a", ["a", "b", "alone"], [way("a", "b")]);
  expect(placed.nodes.get("b")!.y).toBeGreaterThan(placed.nodes.get("a")!.y);
  expect(placed.nodes.get("alone")!.x).toBeGreaterThanOrEqual(placed.nodes.get("a")!.x + WIDTH);
});
