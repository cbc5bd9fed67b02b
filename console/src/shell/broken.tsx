/** What is shown when a page fails: the reason, and a way on. */

import { Button, Code, Stack, Text, Title } from "@mantine/core";
import { useRouteError } from "react-router";

export function Broken() {
  const error = useRouteError();
  const told = error instanceof Error ? error.message : String(error);
  return (
    <Stack p="xl" maw={640} mx="auto">
      <Title order={1}>This page failed</Title>
      <Text>
        Nothing that you saved is lost. Load the page anew; if it fails again, tell who runs Switchboard.
      </Text>
      <Code block>{told}</Code>
      <Button onClick={() => location.reload()} w="fit-content">
        Load anew
      </Button>
    </Stack>
  );
}
