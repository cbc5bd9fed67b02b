/** A question before something is done that cannot be taken back, or only with work. */

import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { type ReactNode, useState } from "react";

export function Confirm({
  title,
  action,
  word,
  pending,
  error,
  onConfirm,
  onClose,
  children,
}: {
  title: string;
  /** What the button says. */
  action: string;
  /** Has to be typed first, where that is given. */
  word?: string;
  pending: boolean;
  error: Error | null;
  onConfirm: () => void;
  onClose: () => void;
  children: ReactNode;
}) {
  const [typed, setTyped] = useState("");
  return (
    <Modal opened onClose={onClose} title={title}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onConfirm();
        }}
      >
        <Stack>
          {children}
          {word !== undefined && (
            <TextInput
              label={
                <>
                  Type <b>{word}</b> to go on
                </>
              }
              autoComplete="off"
              data-autofocus
              value={typed}
              onChange={(event) => setTyped(event.currentTarget.value)}
            />
          )}
          {error && (
            <Text c="red" size="sm" role="alert">
              {error.message}
            </Text>
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button
              type="submit"
              color="red"
              loading={pending}
              disabled={word !== undefined && typed.trim() !== word}
            >
              {action}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
