/** What happened at each step: the places that were visited and why, and what changed. */

import { Anchor, Badge, Button, Code, Group, Stack, Text, UnstyledButton } from "@mantine/core";
import { Link } from "react-router";
import { at, type Value } from "../entities/document";
import { addressOf } from "../trees/places";
import type { Step } from "./script";
import classes from "./steps.module.css";
import { wall } from "./times";

export function Steps({
  steps,
  selected,
  timezone,
  document,
  select,
  back,
}: {
  steps: Step[];
  /** The number of the step that is looked at. */
  selected: number | undefined;
  timezone: string;
  document: Value;
  select: (step: number) => void;
  /** Go on from this step: what came after it is taken away. */
  back: (step: number) => void;
}) {
  const last = steps.at(-1)?.number;
  return (
    <Stack gap="xs" component="ol" className={classes.steps}>
      {steps.map((step) => {
        const open = step.number === selected;
        return (
          <li key={step.number} className={classes.step} data-open={open || undefined}>
            <UnstyledButton className={classes.head} aria-expanded={open} onClick={() => select(step.number)}>
              <Group justify="space-between" wrap="nowrap" gap="xs">
                <Text size="sm" fw={600} lineClamp={open ? undefined : 1}>
                  {step.number > 0 && `${step.number}. `}
                  {step.did.charAt(0).toUpperCase() + step.did.slice(1)}
                </Text>
                {step.problems.length > 0 && (
                  <Badge color="red" variant="light">
                    not done
                  </Badge>
                )}
              </Group>
              <Text size="xs" c="dimmed">
                {wall(step.began, timezone)}
                {step.rests && ` · ${step.rests.words.split(", until ")[0]}`}
              </Text>
            </UnstyledButton>
            {open && (
              <Stack gap={6} px="sm" pb="sm">
                {step.problems.map((one) => (
                  <Text key={one} size="sm" c="red">
                    {one}
                  </Text>
                ))}
                {step.visited.map((one, index) => (
                  <Visited key={index} visit={one} document={document} />
                ))}
                {step.visited.length === 0 && step.problems.length === 0 && (
                  <Text size="sm" c="dimmed">
                    No place was visited.
                  </Text>
                )}
                {step.effects.requests.map((one, index) => (
                  <Text key={index} size="xs" className={classes.wrap}>
                    Asked {one.asked.method} {one.asked.url}:{" "}
                    {one.answer ? (one.answer.error ?? `answered ${one.answer.status}`) : "not answered yet"}
                  </Text>
                ))}
                {step.number !== last && (
                  <Button size="compact-xs" variant="light" w="fit-content" onClick={() => back(step.number)}>
                    Go back to here
                  </Button>
                )}
              </Stack>
            )}
          </li>
        );
      })}
    </Stack>
  );
}

function Visited({ visit, document }: { visit: Step["visited"][number]; document: Value }) {
  const { words, inside } = placeWords(document, visit.path);
  const changes = Object.entries(visit.changed ?? {});
  return (
    <div className={inside ? classes.inside : undefined}>
      <Anchor component={Link} to={addressOf(visit.path)} size="sm" fw={inside ? 400 : 500}>
        {words}
      </Anchor>
      {visit.why && (
        <Text size="xs" c="dimmed" className={classes.wrap}>
          {visit.why}
        </Text>
      )}
      {changes.map(([name, value]) => (
        <Text key={name} size="xs" className={classes.wrap}>
          {name} = <Code>{short(value)}</Code>
        </Text>
      ))}
    </div>
  );
}

/** A place by its title, an action by its type and what it says. */
export function placeWords(document: Value, path: string): { words: string; inside: boolean } {
  const found = at(document, path.split("/"));
  if (typeof found?.type === "string" && path.includes("/actions/")) {
    const said = found.text ?? found.title ?? found.url ?? found.field ?? found.to?.name ?? "";
    const type = found.type.replaceAll("_", " ");
    return { words: said ? `${type}: ${short(said, 60)}` : type, inside: true };
  }
  return { words: typeof found?.title === "string" ? found.title : path, inside: false };
}

export function short(value: Value, most = 160): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}
