/** Seven days of open hours as bars, with the hours in words for those who do not see them. */

import { Text } from "@mantine/core";
import type { Schemas } from "../../api/client";
import classes from "./hours.module.css";

type OpenHours = Schemas["OpenHours"];
const TICKS = [0, 6, 12, 18, 24];

export function Week({ hours }: { hours: OpenHours }) {
  const here = hours.at.slice(0, 10);
  return (
    <div>
      <ol className={classes.week} aria-label="Open hours of a week">
        {hours.days.map((one) => (
          <li key={one.day} className={classes.day}>
            <Text size="xs" fw={one.day === here ? 700 : 400}>
              {day(one.day)}
            </Text>
            <div className={classes.bar} role="img" aria-label={words(one)} title={words(one)}>
              {one.hours.map((span) => (
                <div
                  key={span.since}
                  className={classes.open}
                  style={{
                    left: `${share(span.begin)}%`,
                    width: `${Math.max(0.5, share(span.end) - share(span.begin))}%`,
                  }}
                />
              ))}
              {one.day === here && (
                <div className={classes.now} style={{ left: `${share(hours.at.slice(11, 16))}%` }} />
              )}
            </div>
            {one.holidays.length > 0 && (
              <Text size="xs" c="orange" className={classes.words}>
                {one.holidays.join(", ")}
              </Text>
            )}
          </li>
        ))}
      </ol>
      <div className={classes.day} aria-hidden>
        <span />
        <div className={classes.ticks}>
          {TICKS.map((hour) => (
            <span key={hour} style={{ left: `${(hour / 24) * 100}%` }}>
              {hour}:00
            </span>
          ))}
        </div>
      </div>
    </div>
  );
}

/** Where on the bar of a day a clock's time is, in percent. */
function share(clock: string): number {
  const [hours = 0, minutes = 0] = clock.split(":").map(Number);
  return ((hours * 60 + minutes) / (24 * 60)) * 100;
}

function words(one: OpenHours["days"][number]): string {
  const open = one.hours.map((span) => `${span.begin} to ${span.end}`).join(", ");
  return `${open ? `open ${open}` : "closed"}${one.holidays.length > 0 ? ` (${one.holidays.join(", ")})` : ""}`;
}

function day(at: string): string {
  return new Intl.DateTimeFormat(undefined, {
    timeZone: "UTC",
    weekday: "short",
    day: "numeric",
    month: "short",
  }).format(new Date(`${at}T00:00:00Z`));
}
