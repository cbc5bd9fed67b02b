import { expect, test } from "vitest";
import { leftOf, warningOf } from "./expiry";

const NOW = Date.UTC(2026, 10, 2, 12);
const after = (hours: number) => new Date(NOW + hours * 3_600_000).toISOString();

test("warnings begin 14 days before, and get louder", () => {
  expect([15, 14, 8, 7, 4, 3, 1, 0.5, -1].map((days) => warningOf(after(days * 24), NOW))).toEqual([
    null,
    "yellow",
    "yellow",
    "orange",
    "orange",
    "red",
    "red",
    "red",
    "red",
  ]);
});

test("what is left is told in whole days, then hours", () => {
  expect([60 * 24, 24, 5, 0.5, -1].map((hours) => leftOf(after(hours), NOW))).toEqual([
    "60 days left",
    "1 day left",
    "5 h left",
    "less than an hour left",
    "has run out",
  ]);
});
