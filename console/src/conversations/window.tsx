/** Until when a customer can be answered, counted down; the API says when that is and what may still be sent. */

import { Badge, Text, Tooltip } from "@mantine/core";
import { useEffect, useState } from "react";
import { lasting, time } from "../words";
import type { Talk } from "./queries";

const SHORT = 2 * 3600;

/** The time now, anew every so many milliseconds. */
export function useNow(every = 1_000): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), every);
    return () => clearInterval(timer);
  }, [every]);
  return now;
}

/** What can be sent now; the answer of the API may be a little older than the deadlines that it names. */
export function sendable(talk: Talk, now: number): "all" | "people" | "nothing" {
  if (talk.may_send === "nothing" || talk.state === "ended") return "nothing";
  if (passed(talk.human_agent_until, now)) return "nothing";
  return passed(talk.window_closes_at, now) ? "people" : talk.may_send;
}

export function Window({ talk }: { talk: Talk }) {
  const now = useNow(talk.state === "open" ? 1_000 : 60_000);
  if (talk.state === "ended") return null;
  const may = sendable(talk, now);
  if (may === "nothing") {
    return (
      <Tooltip
        label="The customer has not written for 7 days: Instagram takes nothing until they do."
        multiline
        maw={280}
      >
        <Badge color="red" variant="light" tt="none" tabIndex={0}>
          Cannot be answered
        </Badge>
      </Tooltip>
    );
  }
  const until = may === "all" ? talk.window_closes_at : talk.human_agent_until;
  if (!until) return null;
  const left = Math.max(0, (new Date(until).getTime() - now) / 1000);
  const told =
    may === "all"
      ? `Anything can be sent until ${time(until)}, and by people until ${time(talk.human_agent_until)}.`
      : `The first 24 hours are over. People may answer until ${time(until)}; it is marked as HUMAN_AGENT.`;
  return (
    <Tooltip label={told} multiline maw={300}>
      <Badge
        variant="light"
        color={may === "people" ? "grape" : left < SHORT ? "orange" : "gray"}
        tt="none"
        tabIndex={0}
        aria-label={told}
      >
        {may === "people" ? `People only, ${lasting(left)}` : lasting(left)}
        {may === "all" && (
          <Text span inherit visibleFrom="xs">
            {" left"}
          </Text>
        )}
      </Badge>
    </Tooltip>
  );
}

function passed(at: string | null, now: number): boolean {
  return at !== null && new Date(at).getTime() < now;
}
