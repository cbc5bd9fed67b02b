/** The loud line while the sandbox differs from production, with the way to apply it. */

import { Button, Group, Text } from "@mantine/core";
import { IconGitBranch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useLocation } from "react-router";
import { client, told } from "../api/client";
import { useMay } from "../api/session";
import classes from "./banner.module.css";

export const DIFF = ["diff"];

export function useDiff(enabled = true) {
  return useQuery({
    queryKey: DIFF,
    queryFn: () => told(client.GET("/api/v1/diff")),
    enabled,
    refetchInterval: 30_000,
  });
}

export function Banner() {
  const supervisor = useMay("supervisor");
  const { pathname } = useLocation();
  const diff = useDiff(supervisor);
  // At the desk the room is for customers: on a phone the line would push the reply out of sight.
  if (!diff.data?.differs || pathname === "/apply" || pathname === "/desk") return null;
  const count = diff.data.entities.length;
  const what = count === 0 ? "The order differs" : count === 1 ? "1 change" : `${count} changes`;
  return (
    <Group className={classes.banner} justify="space-between" role="status" mb="md" px="md" py={8}>
      <Text size="sm" fw={500}>
        {what} in the sandbox: customers do not see {count === 1 ? "it" : "them"} until the configuration is
        applied.
      </Text>
      <Button component={Link} to="/apply" size="xs" color="dark" leftSection={<IconGitBranch size={16} />}>
        Apply configuration changes
      </Button>
    </Group>
  );
}
