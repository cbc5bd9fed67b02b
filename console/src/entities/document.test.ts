import { expect, test } from "vitest";
import { at, changed, moved, same } from "./document";

test("a changed document leaves the original alone", () => {
  const before = { messages: [{ time: "PT1M" }, { time: "PT2M" }] };
  const after = changed(before, ["messages", 1, "time"], "PT3M");
  expect(at(after, ["messages", 1, "time"])).toBe("PT3M");
  expect(before.messages[1]?.time).toBe("PT2M");
  expect(after.messages[0]).toBe(before.messages[0]);
});

test("undefined takes a field out", () => {
  expect(changed({ title: "A", idle: { after: 1 } }, ["idle"], undefined)).toEqual({ title: "A" });
});

test("a path through what is not there is made", () => {
  expect(changed({}, ["burst", "answer"], "each")).toEqual({ burst: { answer: "each" } });
});

test("the order of fields is no difference, that of items is", () => {
  expect(same({ a: 1, b: [1, 2] }, { b: [1, 2], a: 1 })).toBe(true);
  expect(same([1, 2], [2, 1])).toBe(false);
  expect(same({ a: undefined }, {})).toBe(true);
  expect(same(null, {})).toBe(false);
});

test("an item goes to another place", () => {
  expect(moved(["a", "b", "c"], 0, 2)).toEqual(["b", "c", "a"]);
});
