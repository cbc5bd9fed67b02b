/** What came of scenarios: which hold, and at failing steps what happened instead. */

import { ActionIcon, Anchor, Badge, Button, Code, Group, Stack, Text, Tooltip } from "@mantine/core";
import { IconDeviceMobileMessage, IconPlayerPlay } from "@tabler/icons-react";
import { useState } from "react";
import { Link } from "react-router";
import type { Schemas } from "../api/client";
import classes from "./changes.module.css";

/** The first failure mostly explains the others. */
const FIRST = 2;

export type Result = Schemas["ScenarioResult"];

export function Outcome({
  name,
  title,
  result,
  run,
  running = false,
  edit,
}: {
  name: string;
  title: string;
  result: Result | undefined;
  run?: () => void;
  running?: boolean;
  edit?: () => void;
}) {
  return (
    <div className={classes.entity}>
      <Group justify="space-between" wrap="nowrap" gap="xs" align="flex-start">
        <div style={{ minWidth: 0 }}>
          <Group gap="xs">
            <Badge color={result === undefined ? "gray" : result.holds ? "green" : "red"} variant="light">
              {result === undefined ? "not run" : result.holds ? "holds" : "fails"}
            </Badge>
            <Text size="sm" fw={600} className={classes.wrap}>
              {title}
            </Text>
          </Group>
          {edit ? (
            <Anchor component="button" type="button" size="xs" onClick={edit}>
              {name}
            </Anchor>
          ) : (
            <Text size="xs" c="dimmed">
              {name}
            </Text>
          )}
        </div>
        <Group gap={2} wrap="nowrap">
          {run && (
            <Tooltip label="Run it">
              <ActionIcon aria-label={`Run ${name}`} loading={running} onClick={run}>
                <IconPlayerPlay size={18} />
              </ActionIcon>
            </Tooltip>
          )}
          <Tooltip label="Open in preview">
            <ActionIcon
              component={Link}
              to={`/preview?scenario=${name}`}
              aria-label={`Open ${name} in preview`}
            >
              <IconDeviceMobileMessage size={18} />
            </ActionIcon>
          </Tooltip>
        </Group>
      </Group>
      {result && result.failures.length > 0 && <Failures failures={result.failures} />}
      {result && (
        <details>
          <Text component="summary" size="xs" c="dimmed" mt={4}>
            Transcript and path
          </Text>
          <Code block fz="xs" className={classes.wrap}>
            {[...result.transcript, "", ...result.path].join("\n")}
          </Code>
        </details>
      )}
    </div>
  );
}

function Failures({ failures }: { failures: Result["failures"] }) {
  const [all, setAll] = useState(false);
  const shown = all ? failures : failures.slice(0, FIRST);
  return (
    <Stack gap={4} mt="xs">
      {shown.map((one, index) => (
        <Text key={index} size="sm" className={classes.wrap}>
          <b>
            Step {one.step + 1} ({one.key}):
          </b>{" "}
          expected {one.expected} – instead: <b>{one.happened}</b>
        </Text>
      ))}
      {shown.length < failures.length && (
        <Button size="compact-xs" variant="subtle" w="fit-content" onClick={() => setAll(true)}>
          {failures.length - shown.length} more that follow
        </Button>
      )}
    </Stack>
  );
}
