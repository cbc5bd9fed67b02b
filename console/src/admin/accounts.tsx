/** The connected Instagram accounts: how they are, and resuming and disconnecting them. */

import { Anchor, Badge, Button, Group, Stack, Table, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconBrandInstagram } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { client, type Schemas, told } from "../api/client";
import { Confirm } from "../parts/confirm";
import { Heading } from "../parts/heading";
import { Rows } from "../parts/rows";
import { ago, time } from "../words";
import { Expiry } from "./expiry";

type Account = Schemas["ConnectedAccount"];

export const ACCOUNTS = ["accounts"];
export const FLAVOURS: Record<string, string> = {
  page: "through a Facebook page",
  login: "by Instagram itself",
};

export function useAccounts(enabled = true) {
  return useQuery({
    queryKey: ACCOUNTS,
    queryFn: () => told(client.GET("/api/v1/accounts")),
    enabled,
    refetchInterval: 60_000,
  });
}

export function Accounts() {
  const found = useAccounts();
  const [leaving, setLeaving] = useState<Account | null>(null);
  return (
    <Stack>
      <Heading
        title="Instagram accounts"
        icon={IconBrandInstagram}
        about="Accounts are connected in the form of their connector, with “Authorise Instagram account”."
      >
        <Button component={Link} to="/routing/connectors" variant="default">
          Connectors
        </Button>
      </Heading>
      <Rows
        label="Instagram accounts"
        heads={["Account", "State", "Access token", "Authorise anew by", "Connector", "Actions"]}
        items={found.data?.items ?? []}
        source={found}
        empty="No account is connected yet. Open a connector and authorise its account."
        width={900}
      >
        {(one) => <Row key={one.id} one={one} onLeave={() => setLeaving(one)} />}
      </Rows>
      {leaving && <Disconnect one={leaving} onClose={() => setLeaving(null)} />}
    </Stack>
  );
}

function Row({ one, onLeave }: { one: Account; onLeave: () => void }) {
  const queries = useQueryClient();
  const resume = useMutation({
    mutationFn: () => told(client.POST("/api/v1/accounts/{id}/resume", { params: { path: { id: one.id } } })),
    onSuccess: () => notifications.show({ message: `${nameOf(one)} sends again`, color: "green" }),
    onError: (error) => notifications.show({ message: error.message, color: "red" }),
    onSettled: () => queries.invalidateQueries({ queryKey: ACCOUNTS }),
  });
  const limited = one.limited_until !== null && new Date(one.limited_until) > new Date();
  return (
    <Table.Tr>
      <Table.Td>
        <Text size="sm" fw={500}>
          {nameOf(one)}
        </Text>
        <Text size="xs" c="dimmed">
          {FLAVOURS[one.flavour]}
          {one.kind !== "unknown" ? `, ${one.kind}` : ""}
        </Text>
        <Text size="xs" c="dimmed">
          {one.id}
        </Text>
      </Table.Td>
      <Table.Td maw={320}>
        {one.status === "active" ? (
          <Badge color="green" variant="light">
            active
          </Badge>
        ) : (
          <>
            <Badge color="red" variant="light">
              paused
            </Badge>
            <Text size="xs" mt={4}>
              {one.paused_reason}
            </Text>
          </>
        )}
        {limited && (
          <Text size="xs" c="orange" mt={4}>
            Instagram asked to wait until {time(one.limited_until)}
            {one.limited_reason ? `: ${one.limited_reason}` : ""}
          </Text>
        )}
      </Table.Td>
      <Table.Td>
        <Expiry at={one.token_expires_at} never="does not run out" />
        {one.token_checked_at && (
          <Text size="xs" c="dimmed">
            checked {ago(one.token_checked_at)}
          </Text>
        )}
      </Table.Td>
      <Table.Td>
        <Expiry at={one.data_access_expires_at} never="not needed" />
      </Table.Td>
      <Table.Td>
        {one.connector ? (
          <Anchor component={Link} to={`/routing/connectors/${one.connector}`} size="sm">
            {one.connector}
          </Anchor>
        ) : (
          <Text size="sm" c="orange">
            none: nobody answers there
          </Text>
        )}
      </Table.Td>
      <Table.Td>
        <Group gap={6} wrap="nowrap">
          {one.status === "paused" && (
            <Button
              size="compact-sm"
              variant="light"
              loading={resume.isPending}
              onClick={() => resume.mutate()}
              aria-label={`Resume ${nameOf(one)}`}
            >
              Resume
            </Button>
          )}
          <Button
            size="compact-sm"
            variant="default"
            onClick={onLeave}
            aria-label={`Disconnect ${nameOf(one)}`}
          >
            Disconnect
          </Button>
        </Group>
      </Table.Td>
    </Table.Tr>
  );
}

function Disconnect({ one, onClose }: { one: Account; onClose: () => void }) {
  const queries = useQueryClient();
  const leave = useMutation({
    mutationFn: () => told(client.DELETE("/api/v1/accounts/{id}", { params: { path: { id: one.id } } })),
    onSuccess: (answer) => {
      notifications.show({
        message: answer.unsubscribed
          ? `${nameOf(one)} is disconnected`
          : `${nameOf(one)} is disconnected, but Meta may go on sending its events: ${answer.reason}`,
        color: answer.unsubscribed ? "green" : "orange",
        autoClose: answer.unsubscribed ? 5_000 : false,
      });
      queries.invalidateQueries({ queryKey: ACCOUNTS });
      onClose();
    },
  });
  return (
    <Confirm
      title={`Disconnect ${nameOf(one)}?`}
      action="Disconnect"
      pending={leave.isPending}
      error={leave.error}
      onConfirm={() => leave.mutate()}
      onClose={onClose}
    >
      <Text>
        Its token is forgotten, and nothing is sent or received any more. What waits to be sent stays until
        somebody authorises the account again.
      </Text>
    </Confirm>
  );
}

export function nameOf(one: Pick<Account, "id" | "username" | "name">): string {
  return one.username ? `@${one.username}` : (one.name ?? one.id);
}
