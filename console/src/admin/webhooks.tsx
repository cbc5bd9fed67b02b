/** Outgoing webhooks: who is told of tickets, missed chats and ended conversations. */

import { Anchor, Badge, Button, Stack, Table, Text } from "@mantine/core";
import { IconPlus, IconWebhook } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { client, type Schemas, told } from "../api/client";
import { ShownOnce } from "../parts/copied";
import { Heading } from "../parts/heading";
import { Rows, usePaged } from "../parts/rows";
import { ago } from "../words";
import { WebhookForm } from "./webhook-form";

export type Webhook = Schemas["WebhookItem"];
export const WEBHOOKS = ["webhooks"];

export function Webhooks() {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [making, setMaking] = useState(false);
  const [made, setMade] = useState<Schemas["MadeWebhook"] | null>(null);
  const webhooks = usePaged(WEBHOOKS, (cursor) =>
    told(client.GET("/api/v1/webhooks", { params: { query: cursor ? { cursor } : {} } })),
  );
  return (
    <Stack>
      <Heading
        title="Outgoing webhooks"
        icon={IconWebhook}
        about="Other systems are told of tickets, missed chats and ended conversations, signed and tried again."
      >
        <Button leftSection={<IconPlus size={16} />} onClick={() => setMaking(true)}>
          New webhook
        </Button>
      </Heading>
      <Rows
        label="Outgoing webhooks"
        heads={["Title", "Told of", "State", "Waiting"]}
        items={webhooks.items}
        source={webhooks}
        empty="Nobody is told of anything yet."
      >
        {(one) => (
          <Table.Tr key={one.id}>
            <Table.Td>
              <Anchor component={Link} to={`/webhooks/${one.id}`} fw={500} size="sm">
                {one.title}
              </Anchor>
              <Text size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>
                {one.url}
              </Text>
            </Table.Td>
            <Table.Td>
              <Kinds kinds={one.kinds} />
            </Table.Td>
            <Table.Td>
              <WebhookState one={one} />
            </Table.Td>
            <Table.Td>{one.waiting}</Table.Td>
          </Table.Tr>
        )}
      </Rows>
      {making && (
        <WebhookForm
          onClose={() => setMaking(false)}
          onMade={(webhook) => {
            setMaking(false);
            setMade(webhook);
            queries.invalidateQueries({ queryKey: WEBHOOKS });
          }}
        />
      )}
      {made && (
        <ShownOnce
          title={`The secret of “${made.title}”`}
          value={made.secret}
          label="the secret"
          onClose={() => navigate(`/webhooks/${made.id}`)}
        >
          Copy it now: it is shown this once. The receiver needs it to check the signature (Standard
          Webhooks).
        </ShownOnce>
      )}
    </Stack>
  );
}

export function Kinds({ kinds }: { kinds: string[] }) {
  return kinds.map((kind) => (
    <Badge key={kind} variant="default" tt="none" mr={4}>
      {kind}
    </Badge>
  ));
}

export function WebhookState({ one }: { one: Webhook }) {
  if (one.state === "paused")
    return (
      <>
        <Badge color="red" variant="light">
          paused
        </Badge>
        <Text size="xs" mt={4}>
          {one.paused_reason}
        </Text>
      </>
    );
  if (one.failing_since)
    return (
      <>
        <Badge color="orange" variant="light">
          failing
        </Badge>
        <Text size="xs" mt={4}>
          nothing arrived since {ago(one.failing_since)}
          {one.retry_at ? `; tried again ${ago(one.retry_at)}` : ""}
        </Text>
      </>
    );
  return (
    <Badge color="green" variant="light">
      active
    </Badge>
  );
}
