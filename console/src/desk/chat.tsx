/** The conversation that an agent is in: what was said, what can be done, and the box to write in. */

import { ActionIcon, Alert, Anchor, Button, Group, Menu, Text, Title, Tooltip } from "@mantine/core";
import {
  IconArrowLeft,
  IconArrowsExchange,
  IconDotsVertical,
  IconExternalLink,
  IconTicket,
  IconUser,
  IconX,
} from "@tabler/icons-react";
import { useEffect, useRef } from "react";
import { Link } from "react-router";
import { client } from "../api/client";
import { useMay, useSession } from "../api/session";
import { nameOf, type WholeTalk } from "../conversations/queries";
import { Transcript } from "../conversations/transcript";
import { Window } from "../conversations/window";
import classes from "./desk.module.css";
import { useDraft } from "./drafts";
import { Unsent, useOutbox } from "./outbox";
import { useAccept } from "./queries";
import { ReplyBox } from "./reply";
import { markSeen } from "./seen";

export type Doing = "close" | "transfer" | "ticket" | "templates" | "reply" | "note" | null;

export function Chat({
  talk,
  doing,
  setDoing,
  back,
  aside,
}: {
  talk: WholeTalk;
  doing: Doing;
  setDoing: (doing: Doing) => void;
  /** To the list, where there is room for one pane only. */
  back: () => void;
  /** To the customer. */
  aside: () => void;
}) {
  const me = useSession().name;
  const supervisor = useMay("supervisor");
  const accept = useAccept();
  const [draft, change] = useDraft(talk.name);
  const outbox = useOutbox(talk.name, draft, change);
  const box = useRef<HTMLTextAreaElement>(null);
  const name = nameOf(talk.customer);
  const stay = talk.stay?.left_at === null ? talk.stay : null;
  const mine = stay?.agent === me;
  const open = talk.state === "open";
  const writes = open && (mine || (supervisor && stay?.agent != null));
  useSeen(talk, mine && open);
  useEffect(() => {
    if (window.matchMedia("(min-width: 48em)").matches) box.current?.focus();
  }, []);
  useEffect(() => {
    if (doing !== "reply" && doing !== "note") return;
    change((before) => ({ ...before, mode: doing }));
    setDoing(null);
    box.current?.focus();
  }, [doing, change, setDoing]);
  return (
    <section className={classes.chat} aria-label={`Conversation with ${name}`}>
      <Group className={classes.head} gap="xs" wrap="nowrap">
        <ActionIcon className={classes.onlySmall} size="lg" aria-label="Back to the list" onClick={back}>
          <IconArrowLeft size={18} />
        </ActionIcon>
        <div className={classes.narrow}>
          <Title order={2} size="h5" className={classes.title} title={name}>
            {name}
          </Title>
          <Text size="xs" c="dimmed" truncate>
            {open
              ? stay?.agent && !mine
                ? `${stay.agent} has it`
                : (talk.place_title ?? talk.place)
              : "Ended"}
            {talk.language ? ` · ${talk.language}` : ""}
          </Text>
        </div>
        <div className={classes.still}>
          <Window talk={talk} />
        </div>
        <Group gap={4} wrap="nowrap" className={classes.still}>
          {writes && (
            <>
              <Tooltip label="Create a ticket (Alt Shift I)">
                <ActionIcon
                  className={classes.notSmall}
                  size="lg"
                  aria-label="Create a ticket"
                  onClick={() => setDoing("ticket")}
                >
                  <IconTicket size={18} />
                </ActionIcon>
              </Tooltip>
              <Tooltip label="Transfer (Alt Shift X)">
                <ActionIcon
                  className={classes.notSmall}
                  size="lg"
                  aria-label="Transfer"
                  onClick={() => setDoing("transfer")}
                >
                  <IconArrowsExchange size={18} />
                </ActionIcon>
              </Tooltip>
              <Button
                className={classes.notSmall}
                size="xs"
                variant="default"
                leftSection={<IconX size={15} />}
                title="Alt Shift E"
                onClick={() => setDoing("close")}
              >
                Close
              </Button>
            </>
          )}
          <ActionIcon className={classes.notWide} size="lg" aria-label="The customer" onClick={aside}>
            <IconUser size={18} />
          </ActionIcon>
          <Menu position="bottom-end">
            <Menu.Target>
              <ActionIcon size="lg" aria-label="More">
                <IconDotsVertical size={18} />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              {writes && (
                <>
                  <Menu.Item leftSection={<IconTicket size={16} />} onClick={() => setDoing("ticket")}>
                    Create a ticket
                  </Menu.Item>
                  <Menu.Item
                    leftSection={<IconArrowsExchange size={16} />}
                    onClick={() => setDoing("transfer")}
                  >
                    Transfer
                  </Menu.Item>
                  <Menu.Item leftSection={<IconX size={16} />} onClick={() => setDoing("close")}>
                    Close
                  </Menu.Item>
                  <Menu.Divider />
                </>
              )}
              <Menu.Item
                component={Link}
                to={`/conversations/${talk.name}`}
                leftSection={<IconExternalLink size={16} />}
              >
                The way it took
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        </Group>
      </Group>
      <Transcript name={talk.name} customer={name}>
        <Unsent outbox={outbox} />
      </Transcript>
      {writes ? (
        <ReplyBox
          talk={talk}
          draft={draft}
          change={change}
          outbox={outbox}
          box={box}
          picking={doing === "templates"}
          setPicking={(on) => setDoing(on ? "templates" : null)}
        />
      ) : (
        <div className={classes.write}>
          <Alert color="gray" p="xs">
            {!open ? (
              <>
                This conversation has ended.{" "}
                <Anchor component={Link} to={`/conversations/${talk.name}`} size="sm" underline="always">
                  Look at it
                </Anchor>
              </>
            ) : stay?.agent ? (
              `${stay.agent} has it now.`
            ) : stay ? (
              <Group justify="space-between">
                <Text size="sm">Nobody has accepted it yet.</Text>
                <Button size="xs" loading={accept.isPending} onClick={() => accept.mutate(talk.name)}>
                  Take it
                </Button>
              </Group>
            ) : (
              "It has gone on: people do not have it now."
            )}
          </Alert>
          {(draft.reply || draft.note) && (
            <Text size="sm" mt="xs">
              You had typed: “{draft.reply || draft.note}”
            </Text>
          )}
        </div>
      )}
    </section>
  );
}

/** What an agent looks at is read, here and on the customer's phone. */
function useSeen(talk: WholeTalk, on: boolean): void {
  const at = talk.last_customer_at;
  const latest = useRef(talk);
  latest.current = talk;
  const name = talk.name;
  useEffect(() => {
    if (!on || at === null) return;
    const look = () => {
      if (document.visibilityState !== "visible") return;
      markSeen(latest.current);
      document.removeEventListener("visibilitychange", look);
      // Whether the customer sees it or not, nobody has to wait for it.
      client.POST("/api/v1/conversations/{name}/seen", { params: { path: { name } } }).catch(() => {});
    };
    document.addEventListener("visibilitychange", look);
    look();
    return () => document.removeEventListener("visibilitychange", look);
  }, [on, at, name]);
}
