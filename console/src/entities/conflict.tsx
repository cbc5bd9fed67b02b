/** Somebody else has saved the same entity meanwhile: both versions, and a choice. Nothing is lost. */

import { Button, Code, Group, Modal, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import type { Schemas } from "../api/client";
import { ago } from "../words";
import { same, type Value } from "./document";

export function Conflict({
  mine,
  theirs,
  saving,
  onMine,
  onTheirs,
  onClose,
}: {
  mine: Value;
  theirs: Schemas["SandboxEntity"];
  saving: boolean;
  onMine: () => void;
  onTheirs: () => void;
  onClose: () => void;
}) {
  const other: Value = theirs.sandbox.document;
  const fields = [...new Set([...Object.keys(mine), ...Object.keys(other)])].filter(
    (key) => !same(mine[key], other[key]),
  );
  return (
    <Modal opened onClose={onClose} size="xl" title="Somebody else has saved this meanwhile">
      <Stack>
        <Text>
          {theirs.sandbox.author} saved it {ago(theirs.sandbox.changed_at)}. Nothing of yours is lost: choose
          what is to stay, or close this and change yours.
        </Text>
        <SimpleGrid cols={2}>
          <Title order={3} size="h5">
            Yours
          </Title>
          <Title order={3} size="h5">
            {theirs.sandbox.author}'s
          </Title>
          {fields.map((key) => (
            <Both key={key} name={key} mine={mine[key]} theirs={other[key]} />
          ))}
        </SimpleGrid>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Go on editing
          </Button>
          <Button variant="default" onClick={onTheirs}>
            Take theirs
          </Button>
          <Button onClick={onMine} loading={saving}>
            Save mine over it
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function Both({ name, mine, theirs }: { name: string; mine: Value; theirs: Value }) {
  return (
    <>
      {[mine, theirs].map((value, index) => (
        <div key={index}>
          <Text size="xs" c="dimmed">
            {name}
          </Text>
          <Code block>
            {value === undefined
              ? "(nothing)"
              : typeof value === "string"
                ? value
                : JSON.stringify(value, null, 2)}
          </Code>
        </div>
      ))}
    </>
  );
}
