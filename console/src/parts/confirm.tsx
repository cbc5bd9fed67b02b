/** A question before something is done that cannot be taken back, or only with work. */

import { Text, TextInput } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { WindowSheet } from "./sheet";

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
    <WindowSheet
      title={title}
      onClose={onClose}
      mutation={{ mutate: onConfirm, isPending: pending }}
      action={action}
      color="red"
      disabled={word !== undefined && typed.trim() !== word}
    >
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
    </WindowSheet>
  );
}
