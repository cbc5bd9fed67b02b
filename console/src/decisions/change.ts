/** Changes of a decision tree as a whole: decisions that come and go, and actions that move. */

import { at, changed, type Path, type Value } from "../entities/document";
import { slug } from "../entities/new";
import { everyAction } from "./actions";

/** The tree with one more decision, and the name that this one got. */
export function withDecision(tree: Value, title: string): { tree: Value; name: string } {
  const taken = Object.keys(tree.decisions ?? {});
  const wanted = slug(title) || "decision";
  let name = wanted;
  for (let number = 2; taken.includes(name); number++) name = `${wanted}-${number}`;
  return { tree: changed(tree, ["decisions", name], { title }), name };
}

export function withoutDecision(tree: Value, name: string): Value {
  return changed(tree, ["decisions", name], undefined);
}

/** The decision with an action more in the list at `path`. */
export function inserted(decision: Value, path: Path, index: number, action: Value): Value {
  const list: Value[] = at(decision, path) ?? [];
  return changed(decision, path, [...list.slice(0, index), action, ...list.slice(index)]);
}

/** The decision without the action at `path`; a list that becomes empty goes. */
export function removed(decision: Value, path: Path): Value {
  const list: Value[] = at(decision, path.slice(0, -1)) ?? [];
  const rest = list.filter((_, index) => index !== path.at(-1));
  return changed(decision, path.slice(0, -1), rest.length > 0 ? rest : undefined);
}

/** The decision with the action at `from` in another place, and the path that it has there. */
export function transferred(
  decision: Value,
  from: Path,
  list: Path,
  index: number,
): { decision: Value; path: Path } {
  const action = at(decision, from);
  const before = from.slice(0, -1);
  const gone = from.at(-1) as number;
  let place = index;
  const to = [...list];
  if (starts(list, before)) {
    const step = list[before.length];
    if (list.length === before.length && index > gone) place -= 1;
    else if (typeof step === "number" && step > gone) to[before.length] = step - 1;
  }
  return { decision: inserted(removed(decision, from), to, place, action), path: [...to, place] };
}

export function starts(path: Path, beginning: Path): boolean {
  return beginning.every((key, index) => path[index] === key);
}

/** The decision in which the answer at `path` is the default one, and no other; with none, no answer is. */
export function withDefault(decision: Value, path: Path | null): Value {
  let next = decision;
  for (const { path: place, action } of everyAction(decision.actions, ["actions"])) {
    const chosen = path !== null && place.join("/") === path.join("/");
    if (action?.type !== "target" || !action.answer) continue;
    if (Boolean(action.answer.default) !== chosen)
      next = changed(next, [...place, "answer", "default"], chosen || undefined);
  }
  return next;
}
