/** Reading and changing a document at a path, without touching the original. */

export type Key = string | number;
export type Path = Key[];
// biome-ignore lint/suspicious/noExplicitAny: a document may be wrong in any way; the API's check says how
export type Value = any;

export function at(document: Value, path: Path): Value {
  let value = document;
  for (const key of path) {
    if (value === null || typeof value !== "object") return undefined;
    value = value[key];
  }
  return value;
}

/** The document with another value at the path; undefined takes the field out. */
export function changed(document: Value, path: Path, value: Value): Value {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  if (typeof key === "number") {
    const items = Array.isArray(document) ? [...document] : [];
    items[key] = changed(items[key], rest, value);
    return items;
  }
  const fields =
    document !== null && typeof document === "object" && !Array.isArray(document) ? { ...document } : {};
  const inner = changed(fields[key], rest, value);
  if (inner === undefined) delete fields[key];
  else fields[key] = inner;
  return fields;
}

/** Whether two values are the same, whatever the order of their fields. */
export function same(one: Value, other: Value): boolean {
  if (one === other) return true;
  if (one === null || other === null || typeof one !== "object" || typeof other !== "object") return false;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...keys].every((key) => same(one[key], other[key]));
}

/** An item of a list at another place of it. */
export function moved<Item>(items: Item[], from: number, to: number): Item[] {
  const found = [...items];
  const [item] = found.splice(from, 1);
  if (item !== undefined) found.splice(to, 0, item);
  return found;
}
