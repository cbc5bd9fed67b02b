import { expect, test } from "vitest";
import { iso, seconds, split } from "./duration";

test.each([
  ["PT30S", 30],
  ["PT1H30M", 5_400],
  ["P1DT1S", 86_401],
  ["P2W", 1_209_600],
  [90, 90],
  ["90", 90],
])("%s is %d seconds", (written, expected) => {
  expect(seconds(written)).toBe(expected);
});

test.each(["", "P", "soon", "PT", null, {}])("%s is no duration", (written) => {
  expect(seconds(written)).toBeNull();
});

test.each([0, 1, 59, 60, 90, 3_600, 5_400, 86_400, 90_000])(
  "%d seconds come back from what people see",
  (given) => {
    const { amount, unit } = split(given);
    expect(seconds(iso(amount, unit))).toBe(given);
  },
);
