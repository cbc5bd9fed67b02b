import { expect, test } from "vitest";
import { asked, countOf } from "./filters";

test("the address becomes a question to the API", () => {
  const address = new URLSearchParams(
    "state=open&answered=false&revision=12&text= brown leav &other=1&queue=",
  );
  expect(asked(address)).toEqual({ state: "open", answered: false, revision: 12, text: "brown leav" });
});

test("a day is whole, whatever the zone", () => {
  const { opened_after, opened_before } = asked(
    new URLSearchParams("opened_after=2026-10-25&opened_before=2026-10-25"),
  );
  expect(new Date(opened_after ?? "").toDateString()).toBe(new Date(2026, 9, 25).toDateString());
  expect(new Date(opened_before ?? "").getTime()).toBe(new Date(2026, 9, 26).getTime());
});

test("what is no day does not count", () => {
  expect(asked(new URLSearchParams("opened_after=yesterday"))).toEqual({});
});

test("filters are counted", () => {
  expect(countOf(new URLSearchParams("queue=a&cause=&state=open"), ["queue", "cause"])).toBe(1);
});
