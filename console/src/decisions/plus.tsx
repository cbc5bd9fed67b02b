/** The plus with which a decision is made: it asks for the name first. */

import { ActionIcon, Button, Group, Popover, type PopoverProps, TextInput, Tooltip } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useState } from "react";

export function Plus({
  label,
  size,
  onName,
  ...popover
}: {
  label: string;
  /** Of the icon, in pixels. */
  size: number;
  onName: (title: string) => void;
} & Pick<PopoverProps, "position" | "returnFocus">) {
  const [opened, setOpened] = useState(false);
  const [title, setTitle] = useState("");
  const name = title.trim();
  return (
    <Popover opened={opened} onChange={setOpened} withArrow trapFocus {...popover}>
      <Popover.Target>
        <Tooltip label={label}>
          <ActionIcon
            size={36}
            variant="filled"
            color="signal"
            aria-label={label}
            aria-expanded={opened}
            onClick={() => setOpened(!opened)}
          >
            <IconPlus size={size} />
          </ActionIcon>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            event.stopPropagation();
            if (name === "") return;
            onName(name);
            setTitle("");
            setOpened(false);
          }}
        >
          <Group align="flex-end" gap="xs">
            <TextInput
              label="Name of the new decision"
              data-autofocus
              value={title}
              onChange={(event) => setTitle(event.currentTarget.value)}
            />
            <Button type="submit" disabled={name === ""}>
              Add
            </Button>
          </Group>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}
