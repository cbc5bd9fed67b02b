import { expect, test } from "vitest";
import { at, type Path, type Value } from "../entities/document";
import { everyAction } from "./actions";
import { inserted, removed, transferred, withDecision, withDefault, withoutDecision } from "./change";

const say = (text: string) => ({ type: "send_message", text });
const ask = (payload: string, more = {}) => ({
  type: "target",
  next: { type: "decision", name: "end" },
  answer: { type: "quick_reply", payload, ...more },
});

/** A condition with something to do if it holds, and something otherwise. */
function condition(holds: Value[], otherwise: Value[]): Value {
  // biome-ignore lint/suspicious/noThenProperty: the configuration calls it so, and nobody awaits it
  return { type: "condition", then: holds, otherwise };
}

/** Every message of a decision with its path, and the words of all of them in order. */
function texts(decision: Value): string[] {
  return [...everyAction(decision.actions, ["actions"])].flatMap(({ action }) => action.text ?? []);
}

test("a new decision gets a name of its own", () => {
  const first = withDecision({ title: "Tree" }, "Is it open?");
  expect(first).toEqual({
    tree: { title: "Tree", decisions: { "is-it-open": { title: "Is it open?" } } },
    name: "is-it-open",
  });
  const second = withDecision(first.tree, "Is it open?");
  expect(second.name).toBe("is-it-open-2");
  expect(withDecision(second.tree, "…").name).toBe("decision");
  expect(withoutDecision(second.tree, "is-it-open").decisions).toEqual({
    "is-it-open-2": { title: "Is it open?" },
  });
});

test("an action comes in anywhere, and a list that becomes empty goes", () => {
  const one = inserted({ title: "A" }, ["actions"], 0, say("a"));
  expect(texts(inserted(one, ["actions"], 0, say("b")))).toEqual(["b", "a"]);
  expect(removed(one, ["actions", 0])).toEqual({ title: "A" });
});

const decision = {
  title: "A",
  actions: [
    say("a"),
    condition([say("b"), say("c")], [say("d")]),
    { type: "loop", actions: [say("e")] },
    say("f"),
  ],
};

test.each<[string, Path, Path, number, string]>([
  ["down its list", ["actions", 0], ["actions"], 2, "bcdaef"],
  ["up its list", ["actions", 3], ["actions"], 0, "fabcde"],
  ["to the end", ["actions", 0], ["actions"], 4, "bcdefa"],
  ["where it is", ["actions", 0], ["actions"], 0, "abcdef"],
  ["just behind itself", ["actions", 0], ["actions"], 1, "abcdef"],
  ["into a condition below", ["actions", 0], ["actions", 1, "then"], 1, "bacdef"],
  ["into a condition above", ["actions", 3], ["actions", 1, "otherwise"], 1, "abcdfe"],
  ["into a loop below", ["actions", 0], ["actions", 2, "actions"], 0, "bcdaef"],
  ["out of a condition", ["actions", 1, "then", 0], ["actions"], 1, "abcdef"],
  ["out of a condition to the end", ["actions", 1, "then", 0], ["actions"], 4, "acdefb"],
  ["from one branch to the other", ["actions", 1, "then", 1], ["actions", 1, "otherwise"], 0, "abcdef"],
  ["the last one out of a branch", ["actions", 1, "otherwise", 0], ["actions", 1, "then"], 0, "adbcef"],
  ["within a branch", ["actions", 1, "then", 0], ["actions", 1, "then"], 2, "acbdef"],
])("an action is moved %s", (_, from, list, index, expected) => {
  const before = JSON.stringify(decision);
  const words = at(decision, from).text;
  const moved = transferred(decision, from, list, index);
  expect(texts(moved.decision).join("")).toBe(expected);
  expect(at(moved.decision, moved.path).text).toBe(words);
  expect(JSON.stringify(decision)).toBe(before);
});

test("one answer is the default one", () => {
  const asking = {
    actions: [ask("a", { default: true }), condition([ask("b")], [say("x")])],
  };
  const chosen = withDefault(asking, ["actions", 1, "then", 0]);
  expect(at(chosen, ["actions", 0, "answer"])).toEqual({ type: "quick_reply", payload: "a" });
  expect(at(chosen, ["actions", 1, "then", 0, "answer", "default"])).toBe(true);
  expect(at(withDefault(chosen, null), ["actions", 1, "then", 0, "answer", "default"])).toBeUndefined();
});
