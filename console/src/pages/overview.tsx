/** The first page: what runs now, and what needs somebody. */

import { SimpleGrid, Stack, Title } from "@mantine/core";
import { useEffect } from "react";
import { useMay, useSession } from "../api/session";
import { Accounts, Sandbox } from "./configured";
import { Todo } from "./todo";
import { OpenTalks, Queues } from "./work";

export function Overview() {
  const session = useSession();
  const agent = useMay("agent");
  const admin = useMay("admin");
  useEffect(() => {
    document.title = "Overview · Switchboard";
  }, []);
  return (
    <Stack>
      <Title order={1} size="h2">
        Hello, {session.display_name}
      </Title>
      <SimpleGrid cols={{ base: 1, lg: 2 }}>
        {agent && <Todo />}
        <Queues />
        <OpenTalks />
        {admin && (
          <Stack>
            <Accounts />
            <Sandbox />
          </Stack>
        )}
      </SimpleGrid>
    </Stack>
  );
}
