/** The desk by keyboard. Alt and Shift go with every key, so that nothing is in the way of typing. */

import { ActionIcon, Group, Kbd, Popover, Stack, Text } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { IconKeyboard } from "@tabler/icons-react";

const KEYS = [
  ["A", "accept the first offer", "accept"],
  ["D", "decline it", "decline"],
  ["J", "next of my conversations", "next"],
  ["K", "the one before", "previous"],
  ["R", "write a reply", "reply"],
  ["N", "write a note", "note"],
  ["T", "templates", "templates"],
  ["I", "create a ticket", "ticket"],
  ["X", "transfer", "transfer"],
  ["E", "close", "close"],
] as const;

export type Command = (typeof KEYS)[number][2];

export function useShortcuts(commands: Record<Command, () => void>): void {
  useHotkeys(
    KEYS.map(([key, , command]) => [
      `alt+shift+${key}`,
      () => commands[command](),
      { usePhysicalKeys: true },
    ]),
    [],
  );
}

export function ShortcutList() {
  return (
    <Popover position="bottom-end" withArrow>
      <Popover.Target>
        <ActionIcon size="lg" aria-label="Keyboard shortcuts" visibleFrom="sm">
          <IconKeyboard size={18} />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap={4}>
          {KEYS.map(([key, words]) => (
            <Group key={key} gap="xs" wrap="nowrap">
              <span>
                <Kbd size="xs">Alt</Kbd> <Kbd size="xs">Shift</Kbd> <Kbd size="xs">{key}</Kbd>
              </span>
              <Text size="sm">{words}</Text>
            </Group>
          ))}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
