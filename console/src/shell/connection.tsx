/** The line that says that the connection is lost; while it is there, nothing on the page is sure to be new. */

import { Group, Loader, Text } from "@mantine/core";
import { useLive } from "../api/live";
import classes from "./connection.module.css";

export function Connection() {
  const lost = useLive();
  return (
    <div role="status" className={classes.place}>
      {lost && (
        <Group className={classes.line} gap="xs" wrap="nowrap" justify="center" px="md" py={6}>
          <Loader size={14} color="currentColor" />
          <Text size="sm" fw={500}>
            Connection lost: catching up as soon as Switchboard answers. What you typed is kept.
          </Text>
        </Group>
      )}
    </div>
  );
}
