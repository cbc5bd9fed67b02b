/** A part of the overview, with its title and the way to all of it. */

import { Anchor, Card, Group, Text, Title } from "@mantine/core";
import { type ReactNode, useId } from "react";
import { Link } from "react-router";
import classes from "./part.module.css";

export function Part({
  title,
  to,
  all = "All",
  error,
  children,
}: {
  title: string;
  to?: string;
  all?: string;
  error?: Error | null;
  children: ReactNode;
}) {
  const id = useId();
  return (
    <Card withBorder component="section" aria-labelledby={id}>
      <Group justify="space-between" mb="sm">
        <Title order={2} size="h4" id={id}>
          {title}
        </Title>
        {to && (
          <Anchor component={Link} to={to} size="sm" aria-label={`${all}: ${title}`}>
            {all}
          </Anchor>
        )}
      </Group>
      {error && (
        <Text c="red" size="sm">
          {error.message}
        </Text>
      )}
      {children}
    </Card>
  );
}

/** A line that leads somewhere. */
export function Entry({
  to,
  title,
  about,
  aside,
}: {
  to: string;
  title: ReactNode;
  about?: ReactNode;
  aside?: ReactNode;
}) {
  return (
    <Link to={to} className={classes.entry}>
      <span className={classes.words}>
        <Text size="sm" fw={500} truncate component="span" display="block">
          {title}
        </Text>
        {about && (
          <Text size="xs" c="dimmed" truncate component="span" display="block">
            {about}
          </Text>
        )}
      </span>
      <span className={classes.aside}>{aside}</span>
    </Link>
  );
}

export function Nothing({ children }: { children: ReactNode }) {
  return (
    <Text c="dimmed" size="sm">
      {children}
    </Text>
  );
}
