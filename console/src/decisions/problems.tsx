/** All problems of a tree behind a button, each a link to the decision and action that it is about. */

import { Button, Popover, ScrollArea, Stack, Text, UnstyledButton } from "@mantine/core";
import { IconAlertTriangle, IconExclamationCircle } from "@tabler/icons-react";
import { useState } from "react";
import type { Problem } from "../api/client";
import { at, type Value } from "../entities/document";
import { count } from "../words";
import { actionKind } from "./actions";
import classes from "./editor.module.css";

export function ProblemsButton({
  problems,
  tree,
  path,
  onChoose,
}: {
  problems: Problem[];
  tree: Value;
  /** Where the tree is in the configuration. */
  path: string;
  onChoose: (problem: Problem) => void;
}) {
  const [opened, setOpened] = useState(false);
  const errors = problems.filter((one) => one.severity === "error").length;
  if (problems.length === 0) return null;
  return (
    <Popover
      opened={opened}
      onChange={setOpened}
      position="bottom-start"
      width="min(520px, 92vw)"
      trapFocus
      withinPortal
    >
      <Popover.Target>
        <Button
          size="compact-sm"
          variant="light"
          color={errors > 0 ? "red" : "orange"}
          leftSection={errors > 0 ? <IconExclamationCircle size={15} /> : <IconAlertTriangle size={15} />}
          onClick={() => setOpened(!opened)}
        >
          {errors > 0 ? `${count(errors, "error")}` : ""}
          {errors > 0 && errors < problems.length ? ", " : ""}
          {errors < problems.length ? count(problems.length - errors, "warning") : ""}
        </Button>
      </Popover.Target>
      <Popover.Dropdown p={4} aria-label="Problems">
        <ScrollArea.Autosize mah="50vh">
          <Stack gap={0}>
            {problems.map((one, index) => (
              <UnstyledButton
                key={index}
                className={classes.problem}
                onClick={() => {
                  setOpened(false);
                  onChoose(one);
                }}
              >
                <Text size="xs" fw={600} c={one.severity === "error" ? "red" : "orange"}>
                  {placeWords(tree, one.path.slice(path.length + 1))}
                </Text>
                <Text size="sm">{one.message}</Text>
              </UnstyledButton>
            ))}
          </Stack>
        </ScrollArea.Autosize>
      </Popover.Dropdown>
    </Popover>
  );
}

/** A path inside the tree in words: the decision, the actions on the way, and the field. */
function placeWords(tree: Value, path: string): string {
  const keys = path.split("/").map((one) => (/^\d+$/.test(one) ? Number(one) : one));
  if (keys[0] !== "decisions" || keys[1] === undefined) return path || "The tree";
  const words = [String(tree.decisions?.[keys[1]]?.title ?? keys[1])];
  for (let place = 2; place < keys.length; place++) {
    const key = keys[place]!;
    const kind = typeof key === "number" ? actionKind(at(tree, keys.slice(0, place + 1))) : undefined;
    if (kind !== undefined) words.push(`${kind.label} ${Number(key) + 1}`);
    else if (typeof key === "number") words.push(String(key + 1));
    else if (key !== "actions") words.push(key.replaceAll("_", " "));
  }
  return words.join(" › ");
}
