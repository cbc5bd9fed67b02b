/** Days and times as fields of a browser have them, and as the API wants them. */

/** An instant for a field of the kind `datetime-local`, in the person's own zone. */
export function local(at: Date): string {
  const shifted = new Date(at.getTime() - at.getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, 16);
}

/** What such a field holds, as an instant; undefined for nothing. */
export function instant(written: string): string | undefined {
  return written === "" ? undefined : new Date(written).toISOString();
}

/** A day so many days later. */
export function shifted(day: string, days: number): string {
  const at = new Date(`${day}T12:00:00Z`);
  at.setUTCDate(at.getUTCDate() + days);
  return at.toISOString().slice(0, 10);
}

/** Today in a zone, as 2026-12-01. */
export function today(zone: string, now = new Date()): string {
  return new Intl.DateTimeFormat("en-CA", { timeZone: zone, dateStyle: "short" }).format(now);
}

/** The person's own zone. */
export const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** All zones, for a list to choose from. */
export function zones(): { value: string; label: string }[] {
  const all = Intl.supportedValuesOf("timeZone");
  return [...new Set(["UTC", ZONE, ...all])].map((one) => ({ value: one, label: one.replaceAll("_", " ") }));
}
