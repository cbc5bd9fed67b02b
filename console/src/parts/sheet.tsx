/** Fields to fill in, and a button that sends them: on a page, in a card of it, or in a window over it. */

import { Button, Card, Group, Modal, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";

interface Sent {
  mutation: { mutate: () => void; isPending: boolean };
  /** What the button says that sends it. */
  action: string;
  disabled?: boolean;
  variant?: "default";
  color?: "red";
  children: ReactNode;
}

interface Closing {
  onClose: () => void;
  /** What the button says that only closes it. */
  keep?: string;
}

export function Sheet({
  mutation,
  action,
  onClose,
  keep = "Cancel",
  children,
  ...button
}: Sent & Partial<Closing>) {
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        // A window may be opened from within another form: that one is not meant.
        event.stopPropagation();
        mutation.mutate();
      }}
    >
      <Stack>
        {children}
        <Group justify="flex-end">
          {onClose && (
            <Button variant="default" onClick={onClose}>
              {keep}
            </Button>
          )}
          <Button type="submit" loading={mutation.isPending} {...button}>
            {action}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

export function CardSheet({ title, about, children, ...sent }: Sent & { title?: string; about?: ReactNode }) {
  return (
    <Card withBorder>
      <Sheet {...sent}>
        {title && (
          <div>
            <Title order={2} size="h4">
              {title}
            </Title>
            {about && (
              <Text size="sm" c="dimmed">
                {about}
              </Text>
            )}
          </div>
        )}
        {children}
      </Sheet>
    </Card>
  );
}

export function WindowSheet({
  title,
  opened = true,
  size,
  ...sent
}: Sent & Closing & { title: string; opened?: boolean; size?: "lg" }) {
  return (
    <Modal opened={opened} onClose={sent.onClose} title={title} size={size}>
      <Sheet {...sent} />
    </Modal>
  );
}
