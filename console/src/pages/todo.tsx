/** What waits for this person: offers, their conversations, their tickets, and what they are told. */

import { Badge, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { client, told } from "../api/client";
import { useSession } from "../api/session";
import { nameOf } from "../conversations/queries";
import { LastLine } from "../conversations/row";
import { useHad, useMe, useOffers } from "../desk/queries";
import { useUnread } from "../desk/seen";
import { ago, count } from "../words";
import { Entry, Nothing, Part } from "./part";

const SHOWN = 5;

export function Todo() {
  const name = useSession().name;
  const me = useMe();
  const offers = useOffers(me.data?.state === "ready");
  const had = useHad();
  const unread = useUnread();
  const tickets = useQuery({
    queryKey: ["tickets", "mine", name],
    queryFn: () =>
      told(
        client.GET("/api/v1/tickets", {
          params: { query: { assignee: name, stage: ["open"], order: "due", limit: SHOWN } },
        }),
      ),
  });
  const news = useQuery({
    queryKey: ["notifications", "unread"],
    queryFn: () => told(client.GET("/api/v1/notifications", { params: { query: { unread: true } } })),
  });
  const ringing = offers.data?.items ?? [];
  const mine = had.data?.items ?? [];
  const due = tickets.data?.items ?? [];
  const unheard = news.data?.items.length ?? 0;
  const read = had.data && tickets.data && news.data;
  return (
    <Part title="My things to do" to="/desk" all="Desk" error={had.error ?? tickets.error ?? news.error}>
      <Stack gap={0}>
        {ringing.map((one) => (
          <Entry
            key={one.conversation.name}
            to="/desk"
            title={`${nameOf(one.conversation.customer)} is offered to you`}
            about={<LastLine talk={one.conversation} />}
            aside={<Badge color="#237032">rings</Badge>}
          />
        ))}
        {mine.map(({ conversation: talk }) => (
          <Entry
            key={talk.name}
            to={`/desk?c=${talk.name}`}
            title={nameOf(talk.customer)}
            about={<LastLine talk={talk} />}
            aside={
              unread(talk) ? (
                <Badge size="sm" color="red.9">
                  New
                </Badge>
              ) : (
                ago(talk.last_line?.at ?? talk.opened_at)
              )
            }
          />
        ))}
        {due.map((one) => (
          <Entry
            key={one.number}
            to={`/tickets/${one.number}`}
            title={`Ticket ${one.number}: ${one.title}`}
            about={one.due_at ? `due ${ago(one.due_at)}` : "no due time"}
            aside={
              one.overdue ? (
                <Badge size="sm" color="red" variant="light">
                  Overdue
                </Badge>
              ) : (
                one.stage
              )
            }
          />
        ))}
      </Stack>
      {unheard > 0 && <Nothing>{`The bell has ${count(unheard, "unread notification")} for you.`}</Nothing>}
      {read && ringing.length + mine.length + due.length + unheard === 0 && (
        <Nothing>Nothing waits for you.</Nothing>
      )}
    </Part>
  );
}
