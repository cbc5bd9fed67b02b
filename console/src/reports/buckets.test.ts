import { expect, test } from "vitest";
import { bucketsOf, summed } from "./buckets";
import type { Period } from "./period";

const WEEK: Period = { first: "2026-11-30", last: "2026-12-02", timezone: "Europe/Prague", by: "day" };

test("days without anything are there, and rows of one day are added up", () => {
  const rows = [
    { start: "2026-12-01T00:00:00+01:00", arrived: 2, missed: 1 },
    { start: "2026-12-01T00:00:00+01:00", arrived: 3, missed: 0 },
    { start: "2026-12-02T00:00:00+01:00", arrived: 1, missed: 0 },
  ];
  expect(summed(rows, ["arrived", "missed"], WEEK)).toEqual([
    { at: "2026-11-30", arrived: 0, missed: 0 },
    { at: "2026-12-01", arrived: 5, missed: 1 },
    { at: "2026-12-02", arrived: 1, missed: 0 },
  ]);
});

test("by the hour there are 24 a day", () => {
  const hours = bucketsOf({ ...WEEK, first: "2026-12-01", last: "2026-12-02", by: "hour" });
  expect(hours.length).toBe(48);
  expect(hours[25]).toBe("2026-12-02 01:00");
  const rows = [{ start: "2026-12-02T01:00:00+01:00", arrived: 4 }];
  const points = summed(rows, ["arrived"], { ...WEEK, first: "2026-12-02", last: "2026-12-02", by: "hour" });
  expect(points[1]).toEqual({ at: "2026-12-02 01:00", arrived: 4 });
});
