/** Whether this agent is ready, and why not; and whether offers are heard. */

import { ActionIcon, Alert, Button, Group, Menu, Text, TextInput, Tooltip } from "@mantine/core";
import {
  IconBell,
  IconBellOff,
  IconChevronDown,
  IconCoffee,
  IconDoorExit,
  IconPlayerPlay,
} from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { client, type Schemas, told } from "../api/client";
import { ago, count } from "../words";
import { type Agent, ME, useMe } from "./queries";
import { useSound } from "./ring";

const REASONS = ["Break", "Lunch", "Meeting", "After-work"];
const STATES: Record<string, { label: string; color: string }> = {
  ready: { label: "Ready", color: "#237032" },
  paused: { label: "Paused", color: "#b8420a" },
  offline: { label: "Offline", color: "gray.7" },
};

export function Presence() {
  const queries = useQueryClient();
  const me = useMe();
  const [own, setOwn] = useState("");
  const [open, setOpen] = useState(false);
  const [sound, setSound] = useSound();
  const become = useMutation({
    mutationFn: (body: Schemas["MyState"]) => told(client.PATCH("/api/v1/agents/me", { body })),
    onSuccess: (now) => queries.setQueryData(ME, now),
    onSettled: () => setOpen(false),
  });
  if (!me.data) return <Text size="sm">{me.error?.message ?? "Loading"}</Text>;
  const state = STATES[me.data.state] ?? STATES.offline!;
  const pause = (reason: string) =>
    become.mutate({ state: "paused", ...(reason.trim() ? { reason: reason.trim() } : {}) });
  return (
    <div>
      <Group gap="xs" wrap="nowrap">
        <Menu opened={open} onChange={setOpen} position="bottom-start" width={240} keepMounted={false}>
          <Menu.Target>
            <Button
              color={state.color}
              size="sm"
              loading={become.isPending}
              rightSection={<IconChevronDown size={16} />}
              flex={1}
              justify="space-between"
              aria-label={`You are ${state.label.toLowerCase()}: change it`}
            >
              {state.label}
              {me.data.reason ? `: ${me.data.reason}` : ""}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item
              leftSection={<IconPlayerPlay size={16} />}
              disabled={me.data.state === "ready"}
              onClick={() => become.mutate({ state: "ready" })}
            >
              Ready for conversations
            </Menu.Item>
            <Menu.Divider />
            <Menu.Label>Pause, with a reason</Menu.Label>
            {REASONS.map((one) => (
              <Menu.Item key={one} leftSection={<IconCoffee size={16} />} onClick={() => pause(one)}>
                {one}
              </Menu.Item>
            ))}
            <form
              onSubmit={(event) => {
                event.preventDefault();
                pause(own);
              }}
            >
              <TextInput
                aria-label="Another reason"
                placeholder="Another reason, Enter"
                size="xs"
                mx="xs"
                my={4}
                maxLength={200}
                value={own}
                onChange={(event) => setOwn(event.currentTarget.value)}
                onKeyDown={(event) => event.stopPropagation()}
              />
            </form>
            <Menu.Divider />
            <Menu.Item
              leftSection={<IconDoorExit size={16} />}
              disabled={me.data.state === "offline"}
              onClick={() => become.mutate({ state: "offline" })}
            >
              Go offline
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
        <Tooltip
          label={sound ? "Offers ring. Switch the sound off" : "Offers are silent. Switch the sound on"}
        >
          <ActionIcon
            size="lg"
            aria-label="Sound of offers"
            aria-pressed={sound}
            onClick={() => setSound(!sound)}
          >
            {sound ? <IconBell size={18} /> : <IconBellOff size={18} />}
          </ActionIcon>
        </Tooltip>
      </Group>
      <Text size="xs" c="dimmed" mt={4}>
        <Told me={me.data} />
      </Text>
      {become.error && (
        <Alert color="red" mt="xs" p="xs" role="alert">
          {become.error.message}
        </Alert>
      )}
    </div>
  );
}

function Told({ me }: { me: Agent }) {
  const has = `You have ${count(me.having, "conversation")}`;
  if (me.lost) return <>Nothing was heard of this desk for a while; you are back at once.</>;
  if (me.state === "ready") return <>{`${has}, and may be offered ${me.room} more.`}</>;
  return <>{`${has}. ${me.since ? `Since ${ago(me.since)}` : "Be ready"}: nothing is offered to you.`}</>;
}
