/** Which conversations the list shows: every filter of the API, kept in the address. */

import type { operations } from "../api/schema";

export type Asked = NonNullable<operations["conversations-list_conversations"]["parameters"]["query"]>;

/** Those that one chooses; in the address under the API's own names. */
export const NAMES = [
  "state",
  "text",
  "who",
  "connector",
  "queue",
  "place",
  "language",
  "cause",
  "terminate",
  "answered",
  "missed",
  "revision",
  "account",
  "customer",
  "opened_after",
  "opened_before",
] as const;
export type FilterName = (typeof NAMES)[number];

/** Shown above the list; the others stand behind "More filters". */
export const ALWAYS: FilterName[] = ["state", "text", "who"];

/** The address as a question to the API. Days are the reader's own, from their midnight to the next. */
export function asked(address: URLSearchParams): Asked {
  const found: Record<string, string | number | boolean> = {};
  for (const name of NAMES) {
    const value = address.get(name)?.trim();
    if (!value) continue;
    if (name === "opened_after" || name === "opened_before") {
      const day = midnight(value, name === "opened_before" ? 1 : 0);
      if (day) found[name] = day;
    } else if (name === "revision") found[name] = Number(value);
    else if (name === "answered" || name === "missed") found[name] = value === "true";
    else found[name] = value;
  }
  return found as Asked;
}

export function countOf(address: URLSearchParams, names: readonly FilterName[]): number {
  return names.filter((name) => address.get(name)).length;
}

/** The begin of a day such as 2026-11-25, in the reader's zone, as a time with its zone. */
function midnight(day: string, later: number): string | null {
  const found = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day);
  if (!found) return null;
  const at = new Date(Number(found[1]), Number(found[2]) - 1, Number(found[3]) + later);
  return Number.isNaN(at.getTime()) ? null : at.toISOString();
}
