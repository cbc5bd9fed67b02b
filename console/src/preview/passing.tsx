/** The preview's clock: what time it is there, and ways to let time pass. */

import { Button, Card, Group, Text, TextInput } from "@mantine/core";
import { IconClock, IconPlayerSkipForward } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { lasting } from "../words";
import type { Act, Step } from "./script";
import { wall } from "./times";

const WAITS = [
  { label: "5 min", duration: "PT5M" },
  { label: "1 h", duration: "PT1H" },
  { label: "23 h", duration: "PT23H" },
];
const DUE: Record<string, string> = {
  quiet: "the burst of messages is over",
  no_answer: "no answer in time",
  idle: "idle for too long",
  automessage: "the next message",
  max_wait: "waited long enough",
};

export function Passing({
  now,
  timezone,
  rests,
  act,
  children,
}: {
  now: string;
  timezone: string;
  rests: Step["rests"];
  act: (act: Act) => void;
  children?: ReactNode;
}) {
  const [to, setTo] = useState("");
  const until = rests?.until;
  const left = until ? Math.max(0, (new Date(until).getTime() - new Date(now).getTime()) / 1000) : 0;
  return (
    <Card withBorder p="sm">
      <Group gap={6} wrap="nowrap">
        <IconClock size={18} stroke={1.6} />
        <Text size="sm" fw={600}>
          {wall(now, timezone, true)}
        </Text>
      </Group>
      <Group gap={6} mt="xs">
        {WAITS.map((one) => (
          <Button
            key={one.duration}
            size="compact-sm"
            variant="default"
            aria-label={`Wait ${one.label}`}
            onClick={() => act({ type: "wait", duration: one.duration })}
          >
            +{one.label}
          </Button>
        ))}
        {until && rests?.reason && (
          <Button
            size="compact-sm"
            variant="light"
            leftSection={<IconPlayerSkipForward size={14} />}
            onClick={() => act({ type: "at", at: until })}
          >
            +{lasting(left)}: {DUE[rests.reason] ?? rests.reason}
          </Button>
        )}
      </Group>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (to !== "") act({ type: "at", at: to });
        }}
      >
        <Group gap={6} mt="xs" wrap="nowrap" align="flex-end">
          <TextInput
            label="Jump to"
            type="datetime-local"
            size="xs"
            flex={1}
            value={to}
            onChange={(event) => setTo(event.currentTarget.value)}
          />
          <Button type="submit" size="xs" variant="default" disabled={to === ""}>
            Jump there
          </Button>
        </Group>
      </form>
      {children}
    </Card>
  );
}
