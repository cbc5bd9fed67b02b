/** What a document was before each change, to go back and forth in it. */

import { useCallback, useReducer } from "react";
import { same, type Value } from "./document";

const MOST = 200;
/** Letters that are typed into the same field within this time are one change, in milliseconds. */
const PAUSE = 1_500;

export interface History {
  document: Value;
  canUndo: boolean;
  canRedo: boolean;
  change: (document: Value) => void;
  undo: () => void;
  redo: () => void;
  /** Another document in its place, without a step to go back. */
  replace: (document: Value) => void;
}

export interface State {
  past: Value[];
  present: Value;
  future: Value[];
  /** Where the last change was, and when. */
  place: string | null;
  at: number;
}

type Step =
  | { type: "change"; document: Value; at: number }
  | { type: "undo" }
  | { type: "redo" }
  | { type: "replace"; document: Value };

export function useHistory(first: Value): History {
  const [state, step] = useReducer(stepped, { past: [], present: first, future: [], place: null, at: 0 });
  return {
    document: state.present,
    canUndo: state.past.length > 0,
    canRedo: state.future.length > 0,
    change: useCallback((document) => step({ type: "change", document, at: Date.now() }), []),
    undo: useCallback(() => step({ type: "undo" }), []),
    redo: useCallback(() => step({ type: "redo" }), []),
    replace: useCallback((document) => step({ type: "replace", document }), []),
  };
}

export function stepped(state: State, step: Step): State {
  const { past, present, future } = state;
  switch (step.type) {
    case "change": {
      if (same(present, step.document)) return { ...state, present: step.document };
      const place = typed(present, step.document);
      const goesOn = place !== null && place === state.place && step.at - state.at < PAUSE;
      return {
        past: goesOn ? past : [...past.slice(1 - MOST), present],
        present: step.document,
        future: [],
        place,
        at: step.at,
      };
    }
    case "undo": {
      if (past.length === 0) return state;
      return {
        past: past.slice(0, -1),
        present: past.at(-1),
        future: [present, ...future],
        place: null,
        at: 0,
      };
    }
    case "redo": {
      const [next, ...rest] = future;
      if (next === undefined) return state;
      return { past: [...past, present], present: next, future: rest, place: null, at: 0 };
    }
    case "replace":
      return { ...state, present: step.document, place: null };
  }
}

/** The one field that differs, where both values are texts or numbers; null for any other change. */
function typed(one: Value, other: Value, path = ""): string | null {
  if (one === null || other === null || typeof one !== "object" || typeof other !== "object")
    return typeof one === typeof other && ["string", "number"].includes(typeof one) ? path : null;
  const keys = [...new Set([...Object.keys(one), ...Object.keys(other)])].filter(
    (key) => one[key] !== other[key],
  );
  return keys.length === 1 ? typed(one[keys[0]!], other[keys[0]!], `${path}/${keys[0]}`) : null;
}
