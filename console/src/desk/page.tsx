/** The agents' desk: what is offered and what one has, the conversation, and its customer. */

import { Group, Loader, Text, Title } from "@mantine/core";
import { useEffect, useState } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { Refused } from "../api/client";
import { useMay } from "../api/session";
import { Closing } from "../conversations/closing";
import { nameOf, useConversation } from "../conversations/queries";
import { TransferTo } from "../conversations/transfer";
import { Missing } from "../shell/missing";
import { Chat, type Doing } from "./chat";
import { Customer } from "./customer";
import classes from "./desk.module.css";
import { Mine } from "./mine";
import { OfferCard } from "./offers";
import { Presence } from "./presence";
import { useAccept, useDecline, useHad, useMe, useOffers } from "./queries";
import { ShortcutList, useShortcuts } from "./shortcuts";
import { NewTicket } from "./ticket";
import { Queues } from "./waiting";

export function DeskPage() {
  return useMay("agent") ? <Desk /> : <Missing />;
}

function Desk() {
  const navigate = useNavigate();
  const [query, setQuery] = useSearchParams();
  const chosen = query.get("c");
  const pane = chosen === null ? "list" : query.get("pane") === "customer" ? "customer" : "chat";
  const me = useMe();
  const offers = useOffers(me.data?.state === "ready");
  const had = useHad();
  const accept = useAccept();
  const decline = useDecline();
  const [doing, setDoing] = useState<Doing>(null);
  const mine = had.data?.items ?? [];
  const ringing = offers.data?.items ?? [];
  useEffect(() => {
    document.title = "Desk · Switchboard";
  }, []);
  const step = (by: number) => {
    const at = mine.findIndex((one) => one.conversation.name === chosen);
    const next = mine[(at + by + mine.length) % mine.length];
    if (next) navigate(`/desk?c=${next.conversation.name}`);
  };
  const does = (what: Doing) => () => chosen !== null && setDoing(what);
  useShortcuts({
    accept: () => ringing[0] && accept.mutate(ringing[0].conversation.name),
    decline: () => ringing[0] && decline.mutate(ringing[0].conversation.name),
    next: () => step(1),
    previous: () => step(-1),
    reply: does("reply"),
    note: does("note"),
    templates: does("templates"),
    ticket: does("ticket"),
    transfer: does("transfer"),
    close: does("close"),
  });
  const show = (which: "chat" | "customer") =>
    setQuery((before) => {
      if (which === "customer") before.set("pane", "customer");
      else before.delete("pane");
      return before;
    });
  return (
    <div className={classes.desk} data-pane={pane}>
      <div className={classes.left}>
        <Group justify="space-between" wrap="nowrap">
          <Title order={1} size="h4">
            Desk
          </Title>
          <ShortcutList />
        </Group>
        <Presence />
        {ringing.length > 0 && (
          <section aria-label="Offered to you">
            {ringing.map((one) => (
              <OfferCard key={one.conversation.name} offer={one} />
            ))}
          </section>
        )}
        <Mine items={mine} chosen={chosen} />
        <Queues />
      </div>
      {chosen === null ? (
        <div className={classes.empty}>
          <Text c="dimmed">Choose one of your conversations, or take one of a queue.</Text>
        </div>
      ) : (
        <Opened
          key={chosen}
          name={chosen}
          doing={doing}
          setDoing={setDoing}
          back={() => navigate("/desk")}
          show={show}
        />
      )}
    </div>
  );
}

function Opened({
  name,
  doing,
  setDoing,
  back,
  show,
}: {
  name: string;
  doing: Doing;
  setDoing: (doing: Doing) => void;
  back: () => void;
  show: (which: "chat" | "customer") => void;
}) {
  const talk = useConversation(name);
  if (talk.isLoading) {
    return (
      <div className={classes.empty}>
        <Loader aria-label="Loading the conversation" />
      </div>
    );
  }
  if (!talk.data) {
    return (
      <div className={classes.empty}>
        {talk.error instanceof Refused && talk.error.status === 404 ? (
          <Missing what="conversation" />
        ) : (
          <Text c="red">{talk.error?.message}</Text>
        )}
      </div>
    );
  }
  const close = () => setDoing(null);
  return (
    <>
      <Chat talk={talk.data} doing={doing} setDoing={setDoing} back={back} aside={() => show("customer")} />
      <Customer talk={talk.data} back={() => show("chat")} />
      {doing === "close" && <Closing talk={talk.data} onClose={close} />}
      {doing === "transfer" && <TransferTo talk={talk.data} onClose={close} />}
      {doing === "ticket" && <NewTicket key={nameOf(talk.data.customer)} talk={talk.data} onClose={close} />}
    </>
  );
}
