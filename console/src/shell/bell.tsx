/** What people are told: missed chats, accounts that cannot send, webhooks that fail. */

import {
  ActionIcon,
  Button,
  Group,
  Indicator,
  Popover,
  ScrollArea,
  Stack,
  Text,
  UnstyledButton,
} from "@mantine/core";
import { IconBell } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "react-router";
import { client, type Schemas, told } from "../api/client";
import { useMay } from "../api/session";
import { ago } from "../words";

const UNREAD = ["notifications", "unread"];

export function Bell() {
  const agent = useMay("agent");
  const unread = useQuery({
    queryKey: UNREAD,
    queryFn: () => told(client.GET("/api/v1/notifications", { params: { query: { unread: true } } })),
    enabled: agent,
    refetchInterval: 30_000,
  });
  if (!agent) return null;
  const items = unread.data?.items ?? [];
  return (
    <Popover position="bottom-end" width={340} shadow="md">
      <Indicator disabled={items.length === 0} label={items.length} size={16} color="red.9" offset={6}>
        <Popover.Target>
          <ActionIcon size="lg" aria-label={`Notifications: ${items.length} unread`}>
            <IconBell size={18} />
          </ActionIcon>
        </Popover.Target>
      </Indicator>
      <Popover.Dropdown p="xs">
        {items.length === 0 ? (
          <Text size="sm" c="dimmed" p="sm">
            Nothing new.
          </Text>
        ) : (
          <ScrollArea.Autosize mah={420}>
            <Stack gap={4}>
              {items.map((one) => (
                <Line key={one.id} one={one} />
              ))}
            </Stack>
          </ScrollArea.Autosize>
        )}
      </Popover.Dropdown>
    </Popover>
  );
}

const KINDS: Record<string, string> = {
  missed_chat: "Missed chat",
  undecided_message: "Nobody knows whether a message was sent",
};

function Line({ one }: { one: Schemas["NotificationItem"] }) {
  const queries = useQueryClient();
  const read = useMutation({
    mutationFn: () =>
      told(client.POST("/api/v1/notifications/{id}/read", { params: { path: { id: one.id } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: UNREAD }),
  });
  const title = KINDS[one.kind] ?? one.kind.replaceAll("_", " ");
  return (
    <Group justify="space-between" wrap="nowrap" p={6} gap="xs">
      <UnstyledButton
        component={Link}
        to={one.conversation ? `/conversations/${one.conversation}` : "/"}
        onClick={() => read.mutate()}
        flex={1}
      >
        <Text size="sm" fw={500}>
          {title}
          {one.queue ? ` in ${one.queue}` : ""}
        </Text>
        <Text size="xs" c="dimmed">
          {ago(one.created_at)}
        </Text>
      </UnstyledButton>
      <Button size="compact-xs" variant="subtle" loading={read.isPending} onClick={() => read.mutate()}>
        Done
      </Button>
    </Group>
  );
}
