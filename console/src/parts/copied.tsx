/** A value to take along, such as a token or an address, with a button that copies it. */

import { ActionIcon, Code, CopyButton, Group, Modal, Stack, Text, Tooltip } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import type { ReactNode } from "react";

export function Copied({ value, label }: { value: string; label: string }) {
  return (
    <Group gap={6} wrap="nowrap">
      <Code style={{ overflowWrap: "anywhere", flex: 1 }} aria-label={label}>
        {value}
      </Code>
      <CopyButton value={value} timeout={2000}>
        {({ copied, copy }) => (
          <Tooltip label={copied ? "Copied" : "Copy"}>
            <ActionIcon onClick={copy} aria-label={copied ? "Copied" : `Copy ${label}`} size="lg">
              {copied ? <IconCheck size={18} /> : <IconCopy size={18} />}
            </ActionIcon>
          </Tooltip>
        )}
      </CopyButton>
    </Group>
  );
}

/** A secret that is told this once. */
export function ShownOnce({
  title,
  value,
  label,
  onClose,
  children,
}: {
  title: string;
  value: string;
  label: string;
  onClose: () => void;
  children: ReactNode;
}) {
  return (
    <Modal opened onClose={onClose} title={title} size="lg" closeOnClickOutside={false}>
      <Stack>
        <Text>{children}</Text>
        <Copied value={value} label={label} />
      </Stack>
    </Modal>
  );
}
