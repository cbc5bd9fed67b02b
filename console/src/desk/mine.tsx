/** The conversations that an agent has, those with something unread marked. */

import { Avatar, Badge, Text, Title } from "@mantine/core";
import { Link } from "react-router";
import { nameOf } from "../conversations/queries";
import { LastLine } from "../conversations/row";
import { sendable, useNow } from "../conversations/window";
import { lasting } from "../words";
import classes from "./desk.module.css";
import type { Had } from "./queries";
import { useUnread } from "./seen";

const SOON = 2 * 3600;

export function Mine({ items, chosen }: { items: Had[]; chosen: string | null }) {
  const unread = useUnread();
  const now = useNow(10_000);
  return (
    <section aria-labelledby="mine">
      <Title order={2} size="h6" id="mine" mb={4}>
        My conversations
      </Title>
      {items.length === 0 && (
        <Text size="sm" c="dimmed">
          You have none. Be ready, or take one of a queue.
        </Text>
      )}
      <ul className={classes.mine}>
        {items.map(({ conversation: talk }) => {
          const fresh = unread(talk) && talk.name !== chosen;
          const left = talk.window_closes_at
            ? (new Date(talk.window_closes_at).getTime() - now) / 1000
            : null;
          const may = sendable(talk, now);
          return (
            <li key={talk.name}>
              <Link
                to={`/desk?c=${talk.name}`}
                className={classes.one}
                aria-current={talk.name === chosen || undefined}
                data-unread={fresh || undefined}
              >
                <Avatar name={nameOf(talk.customer)} color="initials" size={32} radius="xl" aria-hidden />
                <div className={classes.narrow}>
                  <Text size="sm" fw={fresh ? 700 : 500} truncate>
                    {nameOf(talk.customer)}
                  </Text>
                  <Text size="xs" c={fresh ? undefined : "dimmed"} truncate>
                    <LastLine talk={talk} />
                  </Text>
                </div>
                <div className={classes.marks}>
                  <Text size="xs" c="dimmed">
                    {lasting(
                      Math.max(0, (now - new Date(talk.last_line?.at ?? talk.opened_at).getTime()) / 1000),
                    )}
                  </Text>
                  {fresh ? (
                    <Badge size="xs" color="red.9">
                      New
                    </Badge>
                  ) : may === "people" ? (
                    <Badge size="xs" color="grape" variant="light" tt="none">
                      after 24 h
                    </Badge>
                  ) : may === "nothing" ? (
                    <Badge size="xs" color="red" variant="light" tt="none">
                      closed
                    </Badge>
                  ) : (
                    left !== null &&
                    left < SOON && (
                      <Badge size="xs" color="orange" variant="light" tt="none">
                        {lasting(Math.max(0, left))}
                      </Badge>
                    )
                  )}
                </div>
              </Link>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
