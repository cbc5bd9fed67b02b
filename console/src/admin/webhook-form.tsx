/** A webhook's title, address and kinds: of a new one, or of one that is there. */

import { Checkbox, Stack, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { client, type Schemas, told } from "../api/client";
import { WindowSheet } from "../parts/sheet";
import { Wrong, wrongWith } from "../parts/wrong";
import type { Webhook } from "./webhooks";

type Kind = Schemas["NewWebhook"]["kinds"][number];
const KINDS: Record<Kind, string> = {
  "ticket.created": "a ticket is created",
  "ticket.changed": "a ticket is changed",
  "chat.missed": "a chat is missed",
  "conversation.ended": "a conversation ends",
};

export function WebhookForm({
  webhook,
  onClose,
  onMade,
  onChanged,
}: {
  webhook?: Webhook;
  onClose: () => void;
  onMade?: (made: Schemas["MadeWebhook"]) => void;
  onChanged?: () => void;
}) {
  const [title, setTitle] = useState(webhook?.title ?? "");
  const [url, setUrl] = useState(webhook?.url ?? "");
  const [kinds, setKinds] = useState<string[]>(webhook?.kinds ?? Object.keys(KINDS));
  const body = { title, url, kinds: kinds as Kind[] };
  const save = useMutation({
    mutationFn: async () => {
      if (webhook === undefined) onMade?.(await told(client.POST("/api/v1/webhooks", { body })));
      else {
        await told(client.PATCH("/api/v1/webhooks/{id}", { params: { path: { id: webhook.id } }, body }));
        onChanged?.();
      }
    },
  });
  return (
    <WindowSheet
      title={webhook ? `Change “${webhook.title}”` : "New webhook"}
      size="lg"
      onClose={onClose}
      mutation={save}
      action={webhook ? "Save" : "Make"}
    >
      <TextInput
        label="Title"
        required
        data-autofocus
        value={title}
        onChange={(event) => setTitle(event.currentTarget.value)}
        error={wrongWith(save.error, "title")}
      />
      <TextInput
        label="Address"
        description="Where we POST to."
        placeholder="https://crm.example.com/switchboard"
        required
        value={url}
        onChange={(event) => setUrl(event.currentTarget.value)}
        error={wrongWith(save.error, "url")}
      />
      <Checkbox.Group
        label="Tell it when"
        value={kinds}
        onChange={setKinds}
        error={wrongWith(save.error, "kinds")}
      >
        <Stack gap={6} mt={6}>
          {Object.entries(KINDS).map(([kind, words]) => (
            <Checkbox key={kind} value={kind} label={`${words} (${kind})`} />
          ))}
        </Stack>
      </Checkbox.Group>
      <Wrong error={save.error} fields={["title", "url", "kinds"]} />
    </WindowSheet>
  );
}
