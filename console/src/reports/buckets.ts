/** What happened in each day or hour of a period, also where there was nothing. */

import { shifted } from "../parts/times";
import { daysOf, type Period } from "./period";

export interface Bucketed {
  start?: string | null;
}

export type Point<Name extends string> = { at: string } & Record<Name, number>;

/** The sums of these fields by bucket, in order; a bucket is named by its day or hour on the wall. */
export function summed<Row extends Bucketed, Name extends string>(
  rows: Row[],
  names: Name[],
  period: Period,
): Point<Name>[] {
  const points = new Map<string, Point<Name>>();
  for (const at of bucketsOf(period)) {
    points.set(at, { at, ...Object.fromEntries(names.map((name) => [name, 0])) } as Point<Name>);
  }
  for (const row of rows) {
    const point = points.get(keyOf(row.start ?? "", period.by)) as
      | Record<string, number | string>
      | undefined;
    if (point === undefined) continue;
    for (const name of names) {
      const value = (row as Record<string, unknown>)[name];
      point[name] = Number(point[name]) + (typeof value === "number" ? value : 0);
    }
  }
  return [...points.values()];
}

/** The names of all buckets. */
export function bucketsOf(period: Period): string[] {
  const days = Array.from({ length: Math.max(0, daysOf(period)) }, (_, index) =>
    shifted(period.first, index),
  );
  if (period.by === "day") return days;
  return days.flatMap((day) =>
    Array.from({ length: 24 }, (_, hour) => `${day} ${String(hour).padStart(2, "0")}:00`),
  );
}

/** The bucket that begins at this time, which is told with the zone's own offset. */
function keyOf(start: string, by: Period["by"]): string {
  return by === "day" ? start.slice(0, 10) : `${start.slice(0, 10)} ${start.slice(11, 13)}:00`;
}

/** A bucket's name as the axis of a chart shows it. */
export function shortened(at: string): string {
  const [day = "", hour] = at.split(" ");
  if (hour !== undefined) return hour;
  return new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", timeZone: "UTC" }).format(
    new Date(`${day}T00:00:00Z`),
  );
}
