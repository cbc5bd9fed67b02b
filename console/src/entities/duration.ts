/** Durations as people write them: an amount and a unit, kept as ISO 8601. */

export const UNITS = { s: 1, min: 60, h: 3_600, d: 86_400 } as const;
export type Unit = keyof typeof UNITS;

const ISO =
  /^P(?:(\d+(?:\.\d+)?)W)?(?:(\d+(?:\.\d+)?)D)?(?:T(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;

/** Seconds of a duration in a document: a number, or ISO 8601; null for what is none. */
export function seconds(value: unknown): number | null {
  if (typeof value === "number") return value;
  if (typeof value !== "string") return null;
  const found = ISO.exec(value.trim());
  if (found === null || /[PT]$/.test(value.trim()))
    return /^\d+(\.\d+)?$/.test(value.trim()) ? Number(value) : null;
  const [weeks, days, hours, minutes, rest] = found.slice(1).map((part) => Number(part ?? 0));
  return weeks! * 604_800 + days! * 86_400 + hours! * 3_600 + minutes! * 60 + rest!;
}

/** The largest unit in which it is a whole amount. */
export function split(value: number): { amount: number; unit: Unit } {
  for (const unit of ["d", "h", "min"] as const) {
    if (value !== 0 && value % UNITS[unit] === 0) return { amount: value / UNITS[unit], unit };
  }
  return { amount: value, unit: "s" };
}

export function iso(amount: number, unit: Unit): string {
  switch (unit) {
    case "d":
      return `P${amount}D`;
    case "h":
      return `PT${amount}H`;
    case "min":
      return `PT${amount}M`;
    case "s":
      return `PT${amount}S`;
  }
}
