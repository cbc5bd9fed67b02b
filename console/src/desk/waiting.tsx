/** The queues that an agent works in, and who waits there: any of them can be taken. */

import { Badge, Button, Group, Loader, Text, Title, UnstyledButton } from "@mantine/core";
import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { client, told } from "../api/client";
import { useMay, useSession } from "../api/session";
import { nameOf, type Talk } from "../conversations/queries";
import { useNow } from "../conversations/window";
import { lasting } from "../words";
import classes from "./desk.module.css";
import { useAccept } from "./queries";

const SHOWN = 50;

export function Queues() {
  const me = useSession().name;
  const supervisor = useMay("supervisor");
  const queues = useQuery({
    queryKey: ["queues"],
    queryFn: () => told(client.GET("/api/v1/queues")),
    refetchInterval: 30_000,
  });
  if (!queues.data) return <Loader size="sm" aria-label="Loading queues" />;
  const mine = queues.data.items.filter(
    (one) => supervisor || one.agents.length === 0 || one.agents.includes(me),
  );
  const aside = queues.data.unassigned;
  return (
    <section aria-labelledby="queues">
      <Title order={2} size="h6" id="queues" mb={4}>
        Queues
      </Title>
      {mine.map((one) => (
        <Queue
          key={one.name}
          name={one.name}
          title={one.title ?? one.name}
          waiting={one.waiting}
          since={one.waiting_since}
          ready={one.ready}
        />
      ))}
      {aside.waiting > 0 && (
        <Queue
          name="unassigned"
          title="Unassigned"
          waiting={aside.waiting}
          since={aside.waiting_since}
          ready={null}
        />
      )}
      {mine.length === 0 && (
        <Text size="sm" c="dimmed">
          You work in no queue.
        </Text>
      )}
    </section>
  );
}

function Queue({
  name,
  title,
  waiting,
  since,
  ready,
}: {
  name: string;
  title: string;
  waiting: number;
  since: string | null;
  ready: string[] | null;
}) {
  const [open, setOpen] = useState(false);
  const now = useNow(5_000);
  return (
    <div>
      <UnstyledButton className={classes.queue} aria-expanded={open} onClick={() => setOpen(!open)}>
        {open ? <IconChevronDown size={15} aria-hidden /> : <IconChevronRight size={15} aria-hidden />}
        <Text
          size="sm"
          truncate
          flex={1}
          title={ready ? `Ready: ${ready.join(", ") || "nobody"}` : undefined}
        >
          {title}
        </Text>
        {since && (
          <Text size="xs" c="dimmed">
            {lasting((now - new Date(since).getTime()) / 1000)}
          </Text>
        )}
        <Badge
          circle={waiting < 10}
          size="sm"
          color={waiting > 0 ? "#b8420a" : "gray"}
          variant={waiting > 0 ? "filled" : "light"}
          aria-label={`${waiting} waiting`}
        >
          {waiting}
        </Badge>
      </UnstyledButton>
      {open && <Line name={name} />}
    </div>
  );
}

function Line({ name }: { name: string }) {
  const accept = useAccept();
  const now = useNow(5_000);
  const line = useQuery({
    queryKey: ["queues", name],
    queryFn: () =>
      told(client.GET("/api/v1/queues/{name}", { params: { path: { name }, query: { limit: SHOWN } } })),
  });
  if (line.error) return <Text size="xs">{line.error.message}</Text>;
  if (!line.data) return <Loader size="xs" m="xs" aria-label="Loading who waits" />;
  if (line.data.items.length === 0) {
    return (
      <Text size="xs" c="dimmed" pl="lg" pb={4}>
        Nobody waits.
      </Text>
    );
  }
  return (
    <ol className={classes.waiting} aria-label="Who waits">
      {line.data.items.map((one) => {
        const who = nameOf(one.customer as Talk["customer"]);
        return (
          <li key={one.conversation}>
            <Group gap="xs" wrap="nowrap" justify="space-between" pl="lg" py={2}>
              <div className={classes.narrow}>
                <Text size="sm" truncate>
                  {who}
                </Text>
                <Text size="xs" c="dimmed" truncate>
                  {lasting((now - new Date(one.since).getTime()) / 1000)}
                  {one.offered_to ? `, rings at ${one.offered_to}` : one.wanted ? `, for ${one.wanted}` : ""}
                </Text>
              </div>
              <Button
                size="compact-xs"
                variant="light"
                loading={accept.isPending && accept.variables === one.conversation}
                onClick={() => accept.mutate(one.conversation)}
                aria-label={`Take ${who}`}
              >
                Take
              </Button>
            </Group>
          </li>
        );
      })}
      {line.data.waiting > line.data.items.length && (
        <Text size="xs" c="dimmed" pl="lg">
          and {line.data.waiting - line.data.items.length} more
        </Text>
      )}
    </ol>
  );
}
