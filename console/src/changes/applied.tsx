/** What came of applying: the revision, its warnings, and the conversations that move to it. */

import { Alert, Button, Group, List, Stack, Title } from "@mantine/core";
import { Link } from "react-router";
import type { Schemas } from "../api/client";
import { count } from "../words";
import { Part } from "./apply";
import { Moves } from "./moves";
import { Problems } from "./problems";

export function Applied({ applied, onClose }: { applied: Schemas["Applied"]; onClose: () => void }) {
  const failing = applied.scenarios.filter((one) => !one.holds).length;
  return (
    <Stack>
      <Title order={1} size="h2">
        {applied.applied
          ? `Revision ${applied.number} is current now`
          : `It was revision ${applied.number} already`}
      </Title>
      <Alert color="green" role="status">
        New conversations follow it from now on.
        <List size="sm" mt="xs">
          {applied.scenarios.length > 0 && (
            <List.Item>
              {failing > 0
                ? `${failing} of ${count(applied.scenarios.length, "scenario")} fail; the reason is kept`
                : `All ${count(applied.scenarios.length, "scenario")} hold`}
            </List.Item>
          )}
          {applied.running.map((one) => (
            <List.Item key={one.revision}>
              {count(one.conversations, "conversation")} on revision {one.revision}
              {applied.moving > 0 ? "" : ` ${one.conversations === 1 ? "finishes" : "finish"} there`}
            </List.Item>
          ))}
          {applied.moving > 0 && <List.Item>{count(applied.moving, "conversation")} asked to move</List.Item>}
        </List>
      </Alert>
      <Problems problems={applied.warnings} />
      {applied.moving > 0 && (
        <Part title="Conversations that move">
          <Moves number={applied.number} />
        </Part>
      )}
      <Group>
        <Button component={Link} to={`/revisions/${applied.number}`}>
          Go to revision {applied.number}
        </Button>
        <Button variant="default" onClick={onClose}>
          Done
        </Button>
      </Group>
    </Stack>
  );
}
