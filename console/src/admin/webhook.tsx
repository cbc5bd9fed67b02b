/** One outgoing webhook: how it is, what can be done with it, and what it was told. */

import { Alert, Button, Card, Group, Loader, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate, useParams } from "react-router";
import { client, Refused, told } from "../api/client";
import { Confirm } from "../parts/confirm";
import { ShownOnce } from "../parts/copied";
import { Heading } from "../parts/heading";
import { Missing } from "../shell/missing";
import { time } from "../words";
import { Deliveries } from "./deliveries";
import { WebhookForm } from "./webhook-form";
import { Kinds, WEBHOOKS, type Webhook, WebhookState } from "./webhooks";

export function WebhookPage() {
  const id = Number(useParams().id);
  const webhook = useQuery({
    queryKey: [...WEBHOOKS, id],
    queryFn: () => told(client.GET("/api/v1/webhooks/{id}", { params: { path: { id } } })),
    refetchInterval: 10_000,
  });
  if (webhook.isLoading) return <Loader aria-label="Loading" />;
  if (webhook.error instanceof Refused && [404, 422].includes(webhook.error.status))
    return <Missing what="webhook" />;
  if (!webhook.data) return <Text c="red">{webhook.error?.message}</Text>;
  return <OneWebhook webhook={webhook.data} />;
}

function OneWebhook({ webhook }: { webhook: Webhook }) {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [asking, setAsking] = useState<"change" | "rotate" | "remove" | null>(null);
  const [secret, setSecret] = useState<string | null>(null);
  const at = { params: { path: { id: webhook.id } } };
  const again = () => queries.invalidateQueries({ queryKey: WEBHOOKS });
  const failed = (error: Error) => notifications.show({ message: error.message, color: "red" });
  const test = useMutation({
    mutationFn: () => told(client.POST("/api/v1/webhooks/{id}/test", at)),
    onSuccess: () => notifications.show({ message: "A test is sent; it is in the list below" }),
    onError: failed,
    onSettled: again,
  });
  const resume = useMutation({
    mutationFn: () => told(client.POST("/api/v1/webhooks/{id}/resume", at)),
    onSuccess: () => notifications.show({ message: "Resumed; what waited is delivered now", color: "green" }),
    onError: failed,
    onSettled: again,
  });
  const rotate = useMutation({
    mutationFn: () => told(client.POST("/api/v1/webhooks/{id}/secret", at)),
    onSuccess: (made) => {
      setAsking(null);
      setSecret(made.secret);
      again();
    },
  });
  const remove = useMutation({
    mutationFn: () => told(client.DELETE("/api/v1/webhooks/{id}", at)),
    onSuccess: () => {
      navigate("/webhooks");
      again();
    },
  });
  return (
    <Stack>
      <Heading
        title={webhook.title}
        up={{ to: "/webhooks", label: "Outgoing webhooks" }}
        about={`Made by ${webhook.author}, ${time(webhook.created_at)}`}
      >
        <Button variant="default" onClick={() => setAsking("change")}>
          Change
        </Button>
        <Button variant="default" onClick={() => setAsking("rotate")}>
          New secret
        </Button>
        <Button variant="default" onClick={() => setAsking("remove")}>
          Remove
        </Button>
        <Button loading={test.isPending} disabled={webhook.state === "paused"} onClick={() => test.mutate()}>
          Send a test
        </Button>
      </Heading>
      {webhook.state === "paused" && (
        <Alert color="red" title="Paused: what is announced waits">
          <Text size="sm">{webhook.paused_reason}</Text>
          <Button size="xs" mt="sm" color="red" loading={resume.isPending} onClick={() => resume.mutate()}>
            Resume
          </Button>
        </Alert>
      )}
      <Card withBorder>
        <Group justify="space-between" align="flex-start">
          <div style={{ minWidth: 0, flex: "1 1 260px" }}>
            <Text size="sm" style={{ overflowWrap: "anywhere" }}>
              {webhook.url}
            </Text>
            <Group gap={4} mt={6}>
              <Kinds kinds={webhook.kinds} />
            </Group>
            {webhook.old_until && new Date(webhook.old_until) > new Date() && (
              <Text size="xs" c="dimmed" mt={6}>
                The secret before the present one signs as well until {time(webhook.old_until)}.
              </Text>
            )}
          </div>
          {webhook.state === "active" && (
            <div>
              <WebhookState one={webhook} />
            </div>
          )}
        </Group>
      </Card>
      <Deliveries webhook={webhook} />
      {asking === "change" && (
        <WebhookForm
          webhook={webhook}
          onClose={() => setAsking(null)}
          onChanged={() => {
            setAsking(null);
            again();
          }}
        />
      )}
      {asking === "rotate" && (
        <Confirm
          title="Make a new secret?"
          action="Make a new secret"
          pending={rotate.isPending}
          error={rotate.error}
          onConfirm={() => rotate.mutate()}
          onClose={() => setAsking(null)}
        >
          <Text>
            For a day everything is signed with both, so that the receiver can change over in peace.
          </Text>
        </Confirm>
      )}
      {asking === "remove" && (
        <Confirm
          title={`Remove “${webhook.title}”?`}
          action="Remove"
          pending={remove.isPending}
          error={remove.error}
          onConfirm={() => remove.mutate()}
          onClose={() => setAsking(null)}
        >
          <Text>Nothing more is sent there, also not what waits.</Text>
        </Confirm>
      )}
      {secret && (
        <ShownOnce title="The new secret" value={secret} label="the secret" onClose={() => setSecret(null)}>
          Copy it now: it is shown this once.
        </ShownOnce>
      )}
    </Stack>
  );
}
