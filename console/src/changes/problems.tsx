/** Problems as a list: errors first, each with its place. */

import { Alert, Anchor, Button, List, Text } from "@mantine/core";
import { useState } from "react";
import { Link } from "react-router";
import type { Problem } from "../api/client";
import { kindOf } from "../kinds";
import { addressOf } from "../trees/places";
import { count } from "../words";

const FIRST = 10;

export function Problems({ problems, title }: { problems: Problem[]; title?: string }) {
  const [all, setAll] = useState(false);
  if (problems.length === 0) return null;
  const errors = problems.filter((one) => one.severity === "error");
  const warnings = problems.filter((one) => one.severity !== "error");
  const sorted = [...errors, ...warnings];
  const counts = [
    errors.length > 0 ? count(errors.length, "error") : null,
    warnings.length > 0 ? count(warnings.length, "warning") : null,
  ].filter(Boolean);
  return (
    <Alert color={errors.length > 0 ? "red" : "orange"} title={title ?? counts.join(", ")}>
      <List size="sm" spacing={6}>
        {(all ? sorted : sorted.slice(0, FIRST)).map((one, index) => (
          <List.Item key={index} style={{ overflowWrap: "anywhere" }}>
            <Where path={one.path} /> {one.message}
          </List.Item>
        ))}
      </List>
      {!all && sorted.length > FIRST && (
        <Button size="compact-sm" variant="default" mt="xs" onClick={() => setAll(true)}>
          Show all {sorted.length}
        </Button>
      )}
    </Alert>
  );
}

function Where({ path }: { path: string }) {
  const known = kindOf(path.split("/")[0] ?? "") !== undefined;
  if (path === "") return null;
  if (!known)
    return (
      <Text span size="xs" c="dimmed">
        {path}:
      </Text>
    );
  return (
    <Anchor component={Link} size="xs" c="inherit" underline="always" to={addressOf(path)}>
      {path}:
    </Anchor>
  );
}
