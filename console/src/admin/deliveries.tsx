/** What a webhook was told, and how each attempt went. */

import {
  Anchor,
  Badge,
  Button,
  Code,
  Group,
  SegmentedControl,
  Stack,
  Table,
  Text,
  Title,
} from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Fragment, useState } from "react";
import { Link } from "react-router";
import { client, type Schemas, told } from "../api/client";
import { Rows, usePaged } from "../parts/rows";
import { ago, count, time } from "../words";
import { WEBHOOKS, type Webhook } from "./webhooks";

type Delivery = Schemas["DeliveryItem"];
const COLOURS: Record<string, string> = { waiting: "orange", delivered: "green", failed: "red" };

export function Deliveries({ webhook }: { webhook: Webhook }) {
  const [state, setState] = useState("all");
  const deliveries = usePaged([...WEBHOOKS, webhook.id, "deliveries", state], (cursor) =>
    told(
      client.GET("/api/v1/webhooks/{id}/deliveries", {
        params: {
          path: { id: webhook.id },
          query: {
            ...(cursor ? { cursor } : {}),
            ...(state === "all" ? {} : { state: state as Delivery["state"] }),
          },
        },
      }),
    ),
  );
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <Title order={2} size="h4">
          Deliveries
        </Title>
        <Group gap="xs">
          <SegmentedControl
            size="xs"
            aria-label="Which deliveries"
            data={["all", "waiting", "delivered", "failed"]}
            value={state}
            onChange={setState}
          />
          <Button
            size="xs"
            variant="default"
            onClick={() => deliveries.refetch()}
            loading={deliveries.isRefetching}
          >
            Look again
          </Button>
        </Group>
      </Group>
      <Rows
        label="Deliveries"
        heads={["When", "Kind", "State", "Attempts", "Actions"]}
        items={deliveries.items}
        source={deliveries}
        empty="Nothing was announced to it."
        width={940}
      >
        {(one) => <Row key={one.announcement} one={one} webhook={webhook} />}
      </Rows>
      <Text size="xs" c="dimmed">
        Kept for 30 days, and for as long as they wait.
      </Text>
    </Stack>
  );
}

function Row({ one, webhook }: { one: Delivery; webhook: Webhook }) {
  const queries = useQueryClient();
  const [open, setOpen] = useState(false);
  const retry = useMutation({
    mutationFn: () =>
      told(
        client.POST("/api/v1/webhooks/{id}/deliveries/{announcement}/retry", {
          params: { path: { id: webhook.id, announcement: one.announcement } },
        }),
      ),
    onError: (error) => notifications.show({ message: error.message, color: "red" }),
    onSettled: () => queries.invalidateQueries({ queryKey: WEBHOOKS }),
  });
  const last = one.attempts[0];
  return (
    <Fragment>
      <Table.Tr>
        <Table.Td style={{ whiteSpace: "nowrap" }}>{time(one.at)}</Table.Td>
        <Table.Td>
          <Text size="sm">{one.kind}</Text>
          {one.conversation && (
            <Anchor component={Link} to={`/conversations/${one.conversation}`} size="xs">
              conversation
            </Anchor>
          )}
        </Table.Td>
        <Table.Td>
          <Badge color={COLOURS[one.state]} variant="light">
            {one.state}
          </Badge>
          {one.next_at && (
            <Text size="xs" c="dimmed">
              {new Date(one.next_at) > new Date() ? `tried ${ago(one.next_at)}` : "its turn comes"}
            </Text>
          )}
        </Table.Td>
        <Table.Td>
          <Text size="sm">{count(one.tried, "attempt")}</Text>
          {last && (
            <Text size="xs" c="dimmed">
              {last.status ?? "no answer"}
              {last.error ? `: ${last.error}` : ""} ({last.milliseconds} ms)
            </Text>
          )}
        </Table.Td>
        <Table.Td>
          <Group gap={6} wrap="nowrap">
            <Button
              size="compact-sm"
              variant="default"
              aria-expanded={open}
              onClick={() => setOpen((before) => !before)}
            >
              {open ? "Less" : "Details"}
            </Button>
            <Button
              size="compact-sm"
              variant="light"
              disabled={webhook.state === "paused"}
              loading={retry.isPending}
              onClick={() => retry.mutate()}
            >
              Deliver again
            </Button>
          </Group>
        </Table.Td>
      </Table.Tr>
      {open && (
        <Table.Tr>
          <Table.Td colSpan={5}>
            <Stack gap={6}>
              <Text size="xs" c="dimmed">
                webhook-id: {one.id}
              </Text>
              {one.attempts.map((attempt) => (
                <Text key={attempt.at} size="sm">
                  {time(attempt.at)}: {attempt.status ?? "no answer"}
                  {attempt.error ? `, ${attempt.error}` : ""}, {attempt.milliseconds} ms
                </Text>
              ))}
              <Code block>{JSON.stringify(one.data, null, 2)}</Code>
            </Stack>
          </Table.Td>
        </Table.Tr>
      )}
    </Fragment>
  );
}
