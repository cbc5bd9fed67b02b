/** One conversation: what was said, the way that it took and why, and what can be done with it. */

import { Anchor, Badge, Button, Card, Group, Loader, Stack, Tabs, Text, Title } from "@mantine/core";
import { IconArrowsExchange, IconExternalLink, IconHeadset, IconX } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { Link, useParams } from "react-router";
import { Refused } from "../api/client";
import { useMay, useSession } from "../api/session";
import { Missing } from "../shell/missing";
import { ago, time } from "../words";
import { Closing, useCauseWords } from "./closing";
import { Facts } from "./facts";
import classes from "./page.module.css";
import { nameOf, useConversation, type WholeTalk } from "./queries";
import { Transcript } from "./transcript";
import { TransferTo } from "./transfer";
import { TheWay } from "./way";
import { Window } from "./window";

export function ConversationPage() {
  const { name = "" } = useParams();
  const talk = useConversation(name);
  const called = talk.data ? nameOf(talk.data.customer) : "Conversation";
  useEffect(() => {
    document.title = `${called} · Conversations · Switchboard`;
  }, [called]);
  if (talk.isLoading) return <Loader aria-label="Loading" />;
  if (talk.error instanceof Refused && talk.error.status === 404) return <Missing what="conversation" />;
  if (!talk.data) return <Text c="red">{talk.error?.message}</Text>;
  return <Whole key={name} talk={talk.data} />;
}

function Whole({ talk }: { talk: WholeTalk }) {
  const supervisor = useMay("supervisor");
  const me = useSession().name;
  const [doing, setDoing] = useState<"close" | "transfer" | null>(null);
  const mine = talk.stay?.agent === me && talk.stay.left_at === null;
  const open = talk.state === "open";
  const name = nameOf(talk.customer);
  return (
    <Stack>
      <Group justify="space-between" align="flex-start">
        <div>
          <Anchor component={Link} to="/conversations" size="sm">
            Conversations
          </Anchor>
          <Title order={1} size="h2">
            {name}
          </Title>
          <Group gap="xs">
            <State talk={talk} />
            <Window talk={talk} />
          </Group>
        </div>
        <Group gap="xs">
          {mine && (
            <Button component={Link} to={`/desk?c=${talk.name}`} leftSection={<IconHeadset size={16} />}>
              Answer at the desk
            </Button>
          )}
          {open && (supervisor || mine) && (
            <>
              <Button
                variant="default"
                leftSection={<IconArrowsExchange size={16} />}
                onClick={() => setDoing("transfer")}
              >
                Transfer
              </Button>
              <Button variant="default" leftSection={<IconX size={16} />} onClick={() => setDoing("close")}>
                Close
              </Button>
            </>
          )}
          <Button
            component="a"
            href={talk.temporal_url}
            target="_blank"
            rel="noreferrer"
            variant="default"
            rightSection={<IconExternalLink size={16} />}
          >
            Temporal
          </Button>
        </Group>
      </Group>
      <div className={classes.columns}>
        <Card withBorder p={0} className={classes.talk} component="section" aria-label="Transcript">
          <Transcript name={talk.name} customer={name} />
        </Card>
        <div className={classes.wide}>
          <Tabs defaultValue="way" keepMounted={false}>
            <Tabs.List mb="sm">
              <Tabs.Tab value="way">The way it took</Tabs.Tab>
              <Tabs.Tab value="facts">Customer and facts</Tabs.Tab>
            </Tabs.List>
            <Tabs.Panel value="way">
              <TheWay talk={talk} />
            </Tabs.Panel>
            <Tabs.Panel value="facts">
              <Facts talk={talk} />
            </Tabs.Panel>
          </Tabs>
        </div>
      </div>
      {doing === "close" && <Closing talk={talk} onClose={() => setDoing(null)} />}
      {doing === "transfer" && <TransferTo talk={talk} onClose={() => setDoing(null)} />}
    </Stack>
  );
}

function State({ talk }: { talk: WholeTalk }) {
  const cause = useCauseWords();
  const stay = talk.stay?.left_at === null ? talk.stay : null;
  return (
    <>
      <Badge variant="light" color={talk.state === "open" ? "green" : "gray"} tt="none">
        {talk.state === "open" ? "Open" : `Ended: ${talk.cause ? cause(talk.cause) : ""}`}
      </Badge>
      {talk.missed && (
        <Badge variant="light" color="red" tt="none">
          Missed
        </Badge>
      )}
      {talk.answered && (
        <Badge variant="light" color="signal" tt="none">
          Answered
        </Badge>
      )}
      <Text size="sm" c="dimmed">
        {talk.state === "ended"
          ? `ended ${ago(talk.ended_at)}`
          : stay?.agent
            ? `${stay.agent} has it`
            : (talk.place_title ?? talk.place ?? "at its beginning")}
        {" · "}
        <span title={time(talk.opened_at)}>opened {ago(talk.opened_at)}</span>
      </Text>
    </>
  );
}
