import { beforeEach, expect, test, vi } from "vitest";
import { readDraft, writeDraft } from "./drafts";

beforeEach(() => {
  const kept = new Map<string, string>();
  vi.stubGlobal("sessionStorage", {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
    removeItem: (key: string) => kept.delete(key),
    get length() {
      return kept.size;
    },
  });
});

test("what was typed is there again, each conversation for itself", () => {
  const outbox = [{ id: "1", kind: "reply" as const, text: "On its way" }];
  writeDraft("one", { mode: "note", reply: "Hello", note: "She called", outbox });
  expect(readDraft("one")).toEqual({ mode: "note", reply: "Hello", note: "She called", outbox });
  expect(readDraft("two")).toEqual({ mode: "reply", reply: "", note: "", outbox: [] });
});

test("an empty draft leaves nothing behind", () => {
  writeDraft("one", { mode: "reply", reply: "Hello", note: "", outbox: [] });
  writeDraft("one", { mode: "reply", reply: "", note: "", outbox: [] });
  expect(sessionStorage.length).toBe(0);
});

test("what cannot be read is as if nothing was typed", () => {
  sessionStorage.setItem("draft one", "{");
  expect(readDraft("one").reply).toBe("");
});
