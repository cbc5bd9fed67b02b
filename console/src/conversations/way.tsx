/** The way a conversation took: a scrubber over its steps, the diagram lit up to there, and why it went there. */

import {
  ActionIcon,
  Alert,
  Anchor,
  Button,
  Card,
  Code,
  Group,
  Loader,
  Slider,
  Stack,
  Table,
  Text,
  Tooltip,
  UnstyledButton,
} from "@mantine/core";
import { IconChevronLeft, IconChevronRight, IconDeviceMobileMessage } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useMemo, useRef, useState } from "react";
import { Link, useNavigate } from "react-router";
import { client, told } from "../api/client";
import { useMay } from "../api/session";
import type { Value } from "../entities/document";
import { addressOf } from "../trees/places";
import { count, time } from "../words";
import classes from "./page.module.css";
import { type Reason, useExplained, type WholeTalk } from "./queries";

const Diagram = lazy(async () => ({ default: (await import("../trees/diagram")).Diagram }));
const SECONDS = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

export function TheWay({ talk }: { talk: WholeTalk }) {
  const explained = useExplained(talk.name);
  if (explained.isLoading) return <Loader aria-label="Loading" />;
  if (!explained.data) return <Text c="red">{explained.error?.message}</Text>;
  if (explained.data.reasons.length === 0) return <Text c="dimmed">It has not gone anywhere yet.</Text>;
  return <Steps talk={talk} reasons={explained.data.reasons} revisions={explained.data.revisions} />;
}

function Steps({
  talk,
  reasons,
  revisions,
}: {
  talk: WholeTalk;
  reasons: Reason[];
  revisions: { number: number; author: string; note: string }[];
}) {
  const navigate = useNavigate();
  const supervisor = useMay("supervisor");
  // Null follows the end, also while the conversation goes on.
  const [chosen, setChosen] = useState<number | null>(null);
  const index = Math.min(chosen ?? reasons.length - 1, reasons.length - 1);
  const step = reasons[index]!;
  const go = (to: number) => setChosen(to >= reasons.length - 1 ? null : Math.max(0, to));
  const tree = useQuery({
    queryKey: ["tree", "connectors", talk.connector, String(step.revision)],
    queryFn: () =>
      told(
        client.GET("/api/v1/tree/{kind}/{name}", {
          params: {
            path: { kind: "connectors", name: talk.connector },
            query: { of: String(step.revision) },
          },
        }),
      ),
    placeholderData: (before) => before,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const highlight = useMemo(() => reasons.slice(0, index + 1).map((one) => one.path), [reasons, index]);
  const followed = revisions.find((one) => one.number === step.revision);
  return (
    <Stack gap="sm">
      {tree.data && (
        <Suspense fallback={<Loader aria-label="Loading the diagram" />}>
          <Diagram
            tree={tree.data}
            highlight={highlight}
            height={360}
            label="Where the conversation went"
            onSelect={(path) => navigate(addressOf(path))}
          />
        </Suspense>
      )}
      {tree.error && (
        <Text size="sm" c="dimmed">
          The diagram of revision {step.revision} cannot be shown: {tree.error.message}
        </Text>
      )}
      <Card withBorder p="sm">
        <Group wrap="nowrap" gap="xs">
          <ActionIcon aria-label="The step before" disabled={index === 0} onClick={() => go(index - 1)}>
            <IconChevronLeft size={18} />
          </ActionIcon>
          <Slider
            flex={1}
            min={1}
            max={Math.max(reasons.length, 2)}
            disabled={reasons.length < 2}
            value={index + 1}
            onChange={(value) => go(value - 1)}
            label={(value) => time(reasons[value - 1]?.at)}
            thumbLabel="Step of the conversation"
            thumbProps={{ "aria-valuetext": `Step ${index + 1} of ${reasons.length}: ${step.title}` }}
          />
          <ActionIcon
            aria-label="The next step"
            disabled={index === reasons.length - 1}
            onClick={() => go(index + 1)}
          >
            <IconChevronRight size={18} />
          </ActionIcon>
        </Group>
        <Group justify="space-between" mt="xs" align="flex-start">
          <div>
            <Text size="sm" fw={600}>
              Step {index + 1} of {reasons.length}: {step.title}
            </Text>
            <Text size="xs" c="dimmed">
              {SECONDS.format(new Date(step.at))} · revision {step.revision} by {step.author}
              {followed?.note ? `: ${followed.note}` : ""}
            </Text>
          </div>
          {supervisor && (
            <Tooltip
              label="It began before events were recorded, so it cannot be run again"
              disabled={talk.recorded}
            >
              <Button
                component={Link}
                to={`/preview?conversation=${talk.name}&step=${step.number}`}
                size="compact-sm"
                variant="light"
                leftSection={<IconDeviceMobileMessage size={15} />}
                data-disabled={!talk.recorded || undefined}
                onClick={(event) => {
                  if (!talk.recorded) event.preventDefault();
                }}
              >
                Open this step in preview
              </Button>
            </Tooltip>
          )}
        </Group>
        <Why step={step} />
      </Card>
      <List reasons={reasons} index={index} go={go} />
      <Values reasons={reasons} index={index} />
    </Stack>
  );
}

function Why({ step }: { step: Reason }) {
  return (
    <Alert color="gray" p="xs" mt="xs" title="Why">
      <Text size="sm">{step.words.charAt(0).toUpperCase() + step.words.slice(1)}.</Text>
      {step.rule && (
        <Text size="xs" c="dimmed">
          The rule:{" "}
          <Anchor component={Link} to={addressOf(step.rule)} size="xs" style={{ overflowWrap: "anywhere" }}>
            {step.rule}
          </Anchor>
        </Text>
      )}
    </Alert>
  );
}

function List({ reasons, index, go }: { reasons: Reason[]; index: number; go: (to: number) => void }) {
  const list = useRef<HTMLOListElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the step that is looked at is kept in sight
  useEffect(() => {
    const box = list.current;
    const at = box?.querySelector<HTMLElement>("[aria-current]");
    if (!box || !at) return;
    const top = at.offsetTop - box.offsetTop;
    if (top < box.scrollTop || top + at.offsetHeight > box.scrollTop + box.clientHeight) {
      box.scrollTop = top - box.clientHeight / 2;
    }
  }, [index]);
  return (
    <ol ref={list} className={`card ${classes.steps}`} aria-label={count(reasons.length, "step")}>
      {reasons.map((one, place) => (
        <li key={one.number}>
          <UnstyledButton
            className={classes.step}
            data-arrives={one.arrives || undefined}
            data-later={place > index || undefined}
            aria-current={place === index ? "step" : undefined}
            onClick={() => go(place)}
          >
            <Group gap="xs" wrap="nowrap" justify="space-between" align="flex-start">
              <Text size="sm" inherit lineClamp={2}>
                {one.arrives ? one.title : `${one.words.charAt(0).toUpperCase()}${one.words.slice(1)}`}
              </Text>
              <Text size="xs" c="dimmed" style={{ whiteSpace: "nowrap" }}>
                {new Date(one.at).toLocaleTimeString()}
              </Text>
            </Group>
            {one.arrives && (
              <Text size="xs" c="dimmed" fw={400} lineClamp={2}>
                {one.words}
              </Text>
            )}
          </UnstyledButton>
        </li>
      ))}
    </ol>
  );
}

/** What the conversation knew at the step: every value as it was set last. */
function Values({ reasons, index }: { reasons: Reason[]; index: number }) {
  const known = useMemo(() => {
    const found = new Map<string, { value: Value; here: boolean }>();
    reasons.slice(0, index + 1).forEach((one, place) => {
      for (const [name, value] of Object.entries(one.changed ?? {})) {
        found.set(name, { value, here: place === index });
      }
    });
    return [...found].sort(([one], [other]) => one.localeCompare(other));
  }, [reasons, index]);
  if (known.length === 0) return null;
  return (
    <Table.ScrollContainer minWidth={260} className="card">
      <Table verticalSpacing={4} fz="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Value at this step</Table.Th>
            <Table.Th>Is</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {known.map(([name, one]) => (
            <Table.Tr key={name} className={one.here ? "differs" : undefined}>
              <Table.Td>
                <Code>{name}</Code>
              </Table.Td>
              <Table.Td style={{ overflowWrap: "anywhere" }}>
                {typeof one.value === "string" ? one.value : JSON.stringify(one.value)}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
