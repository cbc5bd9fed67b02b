/** Somebody else has changed the same ticket meanwhile: both versions, and a choice. */

import { Button, Group, Modal, Stack, Table, Text } from "@mantine/core";
import type { Values } from "./fields";

export function Meanwhile({
  mine,
  theirs,
  author,
  saving,
  onMine,
  onTheirs,
  onClose,
}: {
  mine: Partial<Values>;
  theirs: Values;
  author: string;
  saving: boolean;
  onMine: () => void;
  onTheirs: () => void;
  onClose: () => void;
}) {
  return (
    <Modal opened onClose={onClose} size="lg" title="Somebody else has changed this ticket meanwhile">
      <Stack>
        <Text>Nothing of yours is lost. Choose what is to stay, or close this and go on.</Text>
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Field</Table.Th>
              <Table.Th>Yours</Table.Th>
              <Table.Th>As {author} left it</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {(Object.keys(mine) as (keyof Values)[]).map((name) => (
              <Table.Tr key={name}>
                <Table.Td>{name}</Table.Td>
                <Table.Td>{mine[name] ?? "nothing"}</Table.Td>
                <Table.Td>{theirs[name] ?? "nothing"}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Go on editing
          </Button>
          <Button variant="default" onClick={onTheirs}>
            Take theirs
          </Button>
          <Button onClick={onMine} loading={saving}>
            Save mine
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
