import { expect, test } from "vitest";
import { flowOf } from "./flow";

const WAYS = [
  { source: "shop", target: "menu", amount: 10 },
  { source: "menu", target: "support", amount: 6 },
  { source: "menu", target: "bye", amount: 3 },
  { source: "support", target: "bye", amount: 6 },
];

test("places stand right of all from which ways lead to them", () => {
  const columns = Object.fromEntries(flowOf(WAYS).places.map((one) => [one.name, one.column]));
  expect(columns).toEqual({ shop: 0, menu: 1, support: 2, bye: 3 });
});

test("a way back is told apart, also one to itself", () => {
  const flow = flowOf([
    ...WAYS,
    { source: "support", target: "menu", amount: 2 },
    { source: "menu", target: "menu", amount: 4 },
  ]);
  expect(flow.back.map((one) => `${one.source} ${one.target}`).sort()).toEqual(["menu menu", "support menu"]);
  expect(flow.ribbons.length).toBe(4);
});

test("ribbons of a place lie one below the other and inside it", () => {
  const flow = flowOf(WAYS);
  const menu = flow.places.find((one) => one.name === "menu")!;
  const going = flow.ribbons
    .filter((one) => one.source === "menu")
    .map((one) => [one.from[1] - one.width / 2, one.from[1] + one.width / 2] as const)
    .sort((one, other) => one[0] - other[0]);
  expect(going[0]![0]).toBeCloseTo(menu.y);
  expect(going[0]![1]).toBeCloseTo(going[1]![0]);
  expect(going[1]![1]).toBeLessThanOrEqual(menu.y + menu.height + 0.001);
});

test("places of a column do not lie on each other", () => {
  const many = Array.from({ length: 30 }, (_, index) => ({
    source: "shop",
    target: `t${index}`,
    amount: 1 + index,
  }));
  const column = flowOf(many)
    .places.filter((one) => one.column === 1)
    .sort((one, other) => one.y - other.y);
  for (const [index, one] of column.entries())
    if (index > 0) expect(one.y).toBeGreaterThan(column[index - 1]!.y + column[index - 1]!.height);
});

test("of nothing there is nothing", () => {
  expect(flowOf([]).places).toEqual([]);
});
