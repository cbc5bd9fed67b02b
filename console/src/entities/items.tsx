/** A list inside a form: its items one below the other, with add, remove and move. */

import { ActionIcon, Box, Button, Group, Stack, Text } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconPlus, IconTrash } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { moved, type Path, type Value } from "./document";
import { useField, Within } from "./form";

export function ItemsField({
  path,
  label,
  description,
  one,
  fresh,
  most,
  children,
}: {
  path: Path;
  label: string;
  description?: string;
  /** What an item is called, such as "message". */
  one: string;
  fresh: () => Value;
  most?: number;
  children: (index: number) => ReactNode;
}) {
  const field = useField(path);
  const items: Value[] = Array.isArray(field.value) ? field.value : [];
  return (
    <Box component="fieldset" p={0} m={0} style={{ border: 0 }} data-path={field.path}>
      <Text component="legend" size="sm" fw={500} p={0}>
        {label}
      </Text>
      {description && (
        <Text size="xs" c="dimmed" mb={6}>
          {description}
        </Text>
      )}
      {field.error && (
        <Text size="xs" c="red" role="alert">
          {field.error}
        </Text>
      )}
      <Stack gap="xs">
        {items.map((_, index) => (
          <Box key={index} className="card" p="sm">
            <Group justify="space-between" mb={4} wrap="nowrap">
              <Text size="xs" c="dimmed" fw={600}>
                {one.charAt(0).toUpperCase() + one.slice(1)} {index + 1}
              </Text>
              {!field.readOnly && (
                <Group gap={2} wrap="nowrap">
                  <ActionIcon
                    aria-label={`Move ${one} ${index + 1} up`}
                    disabled={index === 0}
                    onClick={() => field.set(moved(items, index, index - 1))}
                  >
                    <IconArrowUp size={16} />
                  </ActionIcon>
                  <ActionIcon
                    aria-label={`Move ${one} ${index + 1} down`}
                    disabled={index === items.length - 1}
                    onClick={() => field.set(moved(items, index, index + 1))}
                  >
                    <IconArrowDown size={16} />
                  </ActionIcon>
                  <ActionIcon
                    aria-label={`Remove ${one} ${index + 1}`}
                    onClick={() => field.set(items.filter((_, other) => other !== index))}
                  >
                    <IconTrash size={16} />
                  </ActionIcon>
                </Group>
              )}
            </Group>
            <Within path={[...path, index]}>{children(index)}</Within>
          </Box>
        ))}
        {items.length === 0 && field.readOnly && (
          <Text size="sm" c="dimmed">
            None
          </Text>
        )}
        {!field.readOnly && (most === undefined || items.length < most) && (
          <Button
            variant="light"
            size="xs"
            w="fit-content"
            leftSection={<IconPlus size={14} />}
            onClick={() => field.set([...items, fresh()])}
          >
            Add {one}
          </Button>
        )}
      </Stack>
    </Box>
  );
}
