import { expect, test } from "vitest";
import { staleAfter } from "./live";

test("a message makes stale what shows it, and nothing of other conversations", () => {
  const keys = staleAfter({ kind: "messages", name: "igdm_1" });
  expect(keys).toContainEqual(["messages", "igdm_1"]);
  expect(keys).toContainEqual(["conversations"]);
  expect(keys.every(([kind, name]) => kind !== "messages" || name === "igdm_1")).toBe(true);
});

test("whoever takes or leaves a conversation changes offers, queues and what one has", () => {
  const keys = staleAfter({ kind: "stays", name: "igdm_1" }).map(([kind]) => kind);
  expect(keys).toEqual(expect.arrayContaining(["conversation", "had", "offers", "queues"]));
});
