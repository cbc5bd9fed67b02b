/** A conversation as a line of a list: who, what was said last, and where it is. */

import { Avatar, Badge, Group, Text } from "@mantine/core";
import { Link } from "react-router";
import { ago, time } from "../words";
import classes from "./list.module.css";
import { nameOf, type Talk } from "./queries";

const OPEN: Record<string, string> = { queue: "Waits for an agent", agent: "With a person" };

export function Row({ talk, cause }: { talk: Talk; cause: (cause: string) => string }) {
  const name = nameOf(talk.customer);
  const at = talk.last_line?.at ?? talk.opened_at;
  return (
    <Link to={`/conversations/${talk.name}`} className={classes.row}>
      <Avatar name={name} color="initials" size={36} radius="xl" aria-hidden />
      <div className={classes.who}>
        <Text size="sm" fw={600} truncate>
          {name}
        </Text>
        <Text size="sm" c="dimmed" truncate>
          <LastLine talk={talk} />
        </Text>
      </div>
      <div className={classes.where}>
        <Text size="sm" truncate>
          {talk.place_title ?? talk.place ?? "At its beginning"}
        </Text>
        <Group gap={6} wrap="nowrap">
          {talk.queue && (
            <Text size="xs" c="dimmed" truncate>
              Queue {talk.queue}
            </Text>
          )}
          {talk.language && (
            <Text size="xs" c="dimmed">
              {talk.language}
            </Text>
          )}
        </Group>
      </div>
      <div className={classes.state}>
        <Text size="xs" c="dimmed" title={time(at)}>
          {ago(at)}
        </Text>
        <Group gap={4} justify="flex-end" wrap="nowrap">
          {talk.missed && (
            <Badge size="sm" color="red" variant="light" tt="none">
              Missed
            </Badge>
          )}
          {talk.state === "open" ? (
            <Badge size="sm" color="green" variant="light" tt="none">
              {OPEN[talk.waiting ?? ""] ?? "Open"}
            </Badge>
          ) : (
            <Badge size="sm" color="gray" variant="light" tt="none">
              {talk.cause ? cause(talk.cause) : "Ended"}
            </Badge>
          )}
        </Group>
      </div>
    </Link>
  );
}

const SPOKE: Record<string, string> = {
  agent: "Agent: ",
  app: "Agent: ",
  bot: "Bot: ",
  graph: "Automatic: ",
};

export function LastLine({ talk }: { talk: Talk }) {
  const line = talk.last_line;
  if (!line) return <>Nothing was said yet</>;
  const who =
    line.direction === "in" ? "" : line.direction === "note" ? "Note: " : (SPOKE[line.author] ?? "");
  return (
    <>
      {line.agent && line.direction === "out" ? `${line.agent}: ` : who}
      {line.text || (line.state === "deleted" ? "taken back" : "A picture or file")}
    </>
  );
}
