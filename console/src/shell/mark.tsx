/** The product's name with its sign. */

import { Group, Text } from "@mantine/core";

export function Mark() {
  return (
    <Group gap={8} wrap="nowrap">
      <img src="/static/icon.svg" alt="" width={26} height={26} />
      <Text fw={700} size="lg" lts="-0.02em">
        Switchboard
      </Text>
    </Group>
  );
}
