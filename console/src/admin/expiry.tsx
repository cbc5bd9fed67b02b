/** How long a token is still good, the louder the sooner it runs out. */

import { Badge, Text } from "@mantine/core";
import { time } from "../words";

const DAY = 86_400_000;
/** From so many days before on, people are warned, each time louder. */
export const WARNINGS: [number, string][] = [
  [1, "red"],
  [3, "red"],
  [7, "orange"],
  [14, "yellow"],
];

/** The colour of the warning, or null while there is none. */
export function warningOf(expiresAt: string, now = Date.now()): string | null {
  const days = (new Date(expiresAt).getTime() - now) / DAY;
  return WARNINGS.find(([before]) => days <= before)?.[1] ?? null;
}

/** How much is left, in words. */
export function leftOf(expiresAt: string, now = Date.now()): string {
  const left = new Date(expiresAt).getTime() - now;
  if (left <= 0) return "has run out";
  const days = Math.floor(left / DAY);
  if (days >= 1) return days === 1 ? "1 day left" : `${days} days left`;
  const hours = Math.floor(left / 3_600_000);
  return hours >= 1 ? `${hours} h left` : "less than an hour left";
}

export function Expiry({ at, never }: { at: string | null; never: string }) {
  if (at === null) return <Text size="sm">{never}</Text>;
  const colour = warningOf(at);
  return (
    <>
      <Text size="sm">{time(at)}</Text>
      {colour ? (
        <Badge color={colour} variant="light" tt="none">
          {leftOf(at)}
        </Badge>
      ) : (
        <Text size="xs" c="dimmed">
          {leftOf(at)}
        </Text>
      )}
    </>
  );
}
