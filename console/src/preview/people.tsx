/** What people do at the desk and in the Instagram app, tried out in a preview. */

import { Button, Card, Group, Select, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import type { Value } from "../entities/document";
import { KINDS } from "../kinds";
import { type Act, named } from "./script";

export function People({
  waiting,
  document,
  act,
}: {
  act: (act: Act) => void;
  waiting: boolean;
  document: Value;
}) {
  const [text, setText] = useState("");
  const [agent, setAgent] = useState("agent");
  const [cause, setCause] = useState<string | null>("user");
  const [to, setTo] = useState<string | null>(null);
  const causes = [...new Set(["user", ...Object.keys(document?.disconnection_causes ?? {})])];
  const places = KINDS.filter((one) => one.type !== undefined).map((one) => ({
    group: one.many,
    items: named(document?.[one.kind]).map(({ value, label }) => ({ value: `${one.kind}/${value}`, label })),
  }));
  return (
    <Card withBorder p="sm">
      <details open={waiting}>
        <Text component="summary" fw={600} size="sm">
          People
        </Text>
        <Stack gap="xs" mt="xs">
          <Group gap="xs" align="flex-end" wrap="nowrap">
            <TextInput
              label="Agent"
              size="xs"
              flex={1}
              value={agent}
              onChange={(event) => setAgent(event.currentTarget.value)}
            />
            <Button size="xs" variant="default" onClick={() => act({ type: "accept", agent })}>
              Accepts
            </Button>
          </Group>
          <Textarea
            label="Writes"
            size="xs"
            autosize
            minRows={1}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <Group gap="xs">
            <Button
              size="xs"
              disabled={text === ""}
              onClick={() => {
                act({ type: "agent", text, agent });
                setText("");
              }}
            >
              From the desk
            </Button>
            <Button
              size="xs"
              variant="default"
              disabled={text === ""}
              onClick={() => {
                act({ type: "takeover", text });
                setText("");
              }}
            >
              In the Instagram app
            </Button>
          </Group>
          <Group gap="xs" align="flex-end" wrap="nowrap">
            <Select label="Cause" size="xs" flex={1} data={causes} value={cause} onChange={setCause} />
            <Button
              size="xs"
              variant="default"
              onClick={() => act({ type: "close", cause: cause ?? "user", agent })}
            >
              Close
            </Button>
          </Group>
          <Group gap="xs" align="flex-end" wrap="nowrap">
            <Select
              label="To"
              placeholder="Where"
              size="xs"
              flex={1}
              searchable
              data={places}
              value={to}
              onChange={setTo}
            />
            <Button
              size="xs"
              variant="default"
              disabled={to === null}
              onClick={() => act({ type: "transfer", to: to ?? "", agent })}
            >
              Transfer
            </Button>
          </Group>
        </Stack>
      </details>
    </Card>
  );
}
