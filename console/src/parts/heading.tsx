/** The top of a page: what it is, what it is for, and what can be done here. */

import { Anchor, Group, Stack, Text, Title } from "@mantine/core";
import type { Icon } from "@tabler/icons-react";
import { type ReactNode, useEffect } from "react";
import { Link } from "react-router";

export function Heading({
  title,
  about,
  icon: Picture,
  up,
  children,
}: {
  title: string;
  about?: ReactNode;
  icon?: Icon;
  /** The list that this one is from. */
  up?: { to: string; label: string };
  children?: ReactNode;
}) {
  useEffect(() => {
    document.title = `${title} · Switchboard`;
  }, [title]);
  return (
    <Group justify="space-between" align="flex-start" gap="sm">
      <Stack gap={2} miw={0} flex="1 1 300px">
        {up && (
          <Anchor component={Link} to={up.to} size="sm" w="fit-content">
            {up.label}
          </Anchor>
        )}
        <Group gap="xs" wrap="nowrap">
          {Picture && <Picture size={26} stroke={1.6} style={{ flexShrink: 0 }} />}
          <Title order={1} size="h2" style={{ overflowWrap: "anywhere" }}>
            {title}
          </Title>
        </Group>
        {about && (
          <Text c="dimmed" size="sm">
            {about}
          </Text>
        )}
      </Stack>
      <Group gap="xs">{children}</Group>
    </Group>
  );
}
