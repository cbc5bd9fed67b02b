/** Asks before what was written and not saved is left. */

import { Button, Group, Modal, Text } from "@mantine/core";
import { useEffect } from "react";
import { type Blocker, useBlocker } from "react-router";

/** What keeps people on the page while something is unsaved, until they say that they want to leave. */
function useLeaving(unsaved: boolean): Blocker {
  const leaving = useBlocker(
    ({ currentLocation, nextLocation }) => unsaved && currentLocation.pathname !== nextLocation.pathname,
  );
  useEffect(() => {
    if (!unsaved) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", warn);
    return () => removeEventListener("beforeunload", warn);
  }, [unsaved]);
  // Whoever pressed Save and went on at once need not be asked: it is saved by now.
  useEffect(() => {
    if (leaving.state === "blocked" && !unsaved) leaving.proceed();
  }, [leaving, unsaved]);
  return leaving;
}

export function Leaving({ unsaved }: { unsaved: boolean }) {
  const leaving = useLeaving(unsaved);
  return (
    <Modal
      opened={leaving.state === "blocked"}
      onClose={() => leaving.reset?.()}
      title="Leave without saving?"
    >
      <Text>What you changed here is not saved yet.</Text>
      <Group justify="flex-end" mt="md">
        <Button variant="default" onClick={() => leaving.proceed?.()}>
          Leave
        </Button>
        <Button onClick={() => leaving.reset?.()}>Stay here</Button>
      </Group>
    </Modal>
  );
}
