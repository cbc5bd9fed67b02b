import { expect, test } from "vitest";
import type { Value } from "./document";
import { type State, stepped } from "./history";

function history(document: Value) {
  let state: State = { past: [], present: document, future: [], place: null, at: 0 };
  return {
    change(next: Value, at: number) {
      state = stepped(state, { type: "change", document: next, at });
    },
    undo() {
      state = stepped(state, { type: "undo" });
      return state.present;
    },
    redo() {
      state = stepped(state, { type: "redo" });
      return state.present;
    },
    replace(next: Value) {
      state = stepped(state, { type: "replace", document: next });
    },
    get present() {
      return state.present;
    },
  };
}

test("each change can be taken back and made again", () => {
  const past = history({ items: [1] });
  past.change({ items: [1, 2] }, 1_000);
  past.change({ items: [1, 2, 3] }, 1_100);
  expect(past.undo()).toEqual({ items: [1, 2] });
  expect(past.undo()).toEqual({ items: [1] });
  expect(past.undo()).toEqual({ items: [1] });
  expect(past.redo()).toEqual({ items: [1, 2] });
  expect(past.redo()).toEqual({ items: [1, 2, 3] });
  expect(past.redo()).toEqual({ items: [1, 2, 3] });
});

test("letters typed one after the other into a field are one change", () => {
  const past = history({ title: "", text: "" });
  for (const [index, title] of ["A", "Ab", "Abc"].entries())
    past.change({ title, text: "" }, 1_000 + 200 * index);
  past.change({ title: "Abc", text: "x" }, 1_700);
  past.change({ title: "Abc", text: "xy" }, 9_000);
  expect(past.undo()).toEqual({ title: "Abc", text: "x" });
  expect(past.undo()).toEqual({ title: "Abc", text: "" });
  expect(past.undo()).toEqual({ title: "", text: "" });
});

test("a change after going back forgets what was ahead", () => {
  const past = history({ title: "a" });
  past.change({ title: "b" }, 10_000);
  past.undo();
  past.change({ title: "c" }, 20_000);
  expect(past.redo()).toEqual({ title: "c" });
  expect(past.undo()).toEqual({ title: "a" });
});

test("what is the same is no change, and what is put in its place has no step back", () => {
  const past = history({ title: "a" });
  past.change({ title: "a" }, 10_000);
  expect(past.undo()).toEqual({ title: "a" });
  past.change({ title: "b" }, 20_000);
  past.replace({ title: "b", saved: true });
  expect(past.present).toEqual({ title: "b", saved: true });
  expect(past.undo()).toEqual({ title: "a" });
});

test("only so many steps are kept", () => {
  const past = history(-1);
  for (let number = 0; number < 300; number++) past.change([number], number * 10_000);
  for (let number = 0; number < 300; number++) past.undo();
  expect(past.present).toEqual([99]);
});
