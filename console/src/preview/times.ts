/** Times on the preview's clock, in its own zone. */

/** Such as "Thu, 24 Dec 2026, 17:01". */
export function wall(at: string, timezone: string, seconds = false): string {
  return new Intl.DateTimeFormat(undefined, {
    weekday: "short",
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    ...(seconds ? { second: "2-digit" } : {}),
    timeZone: timezone,
  }).format(new Date(at));
}

/** Such as "17:01". */
export function clock(at: string, timezone: string): string {
  return new Intl.DateTimeFormat(undefined, {
    hour: "2-digit",
    minute: "2-digit",
    timeZone: timezone,
  }).format(new Date(at));
}

/** The time on the wall as a field of date and time has it: 2026-12-24T17:01. */
export function typed(at: string | Date, timezone: string): string {
  const { date, time } = parts(at, timezone);
  return `${date}T${time.endsWith(":00") ? time.slice(0, 5) : time}`;
}

/** The same time with its offset, as scenarios are written: 2026-12-24T17:01:00+01:00. */
export function offset(at: string, timezone: string): string {
  const { date, time } = parts(at, timezone);
  const name = new Intl.DateTimeFormat("en", { timeZone: timezone, timeZoneName: "longOffset" })
    .formatToParts(new Date(at))
    .find((one) => one.type === "timeZoneName")?.value;
  const found = name?.replace("GMT", "") || "+00:00";
  return `${date}T${time}${found}`;
}

function parts(at: string | Date, timezone: string): { date: string; time: string } {
  const [date = "", time = ""] = new Intl.DateTimeFormat("sv-SE", {
    dateStyle: "short",
    timeStyle: "medium",
    timeZone: timezone,
  })
    .format(new Date(at))
    .split(" ");
  return { date, time };
}
