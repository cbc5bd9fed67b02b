/** A part of a document that is there or not: a switch, and its fields while it is on. */

import { Box, Stack, Switch } from "@mantine/core";
import { type ReactNode, useRef } from "react";
import type { Path, Value } from "../document";
import { Framed, useField } from "../form";

export function Optional({
  path,
  label,
  description,
  fresh,
  children,
}: {
  path: Path;
  label: string;
  description?: string;
  fresh: () => Value;
  children: ReactNode;
}) {
  const field = useField(path);
  const there = field.value !== undefined && field.value !== null;
  // Switched off and on again by mistake, what was written is still there.
  const last = useRef<Value>(undefined);
  if (there) last.current = field.value;
  return (
    <Framed field={{ ...field, differs: field.differs && !there }}>
      <Switch
        id={field.id}
        label={label}
        description={description}
        error={field.error}
        disabled={field.readOnly}
        checked={there}
        onChange={(event) => field.set(event.currentTarget.checked ? (last.current ?? fresh()) : undefined)}
      />
      {there && (
        <Box pl="md" mt={6} style={{ borderLeft: "2px solid var(--line)" }}>
          <Stack gap="sm">{children}</Stack>
        </Box>
      )}
    </Framed>
  );
}
