/** What is shown at an address that leads nowhere. */

import { Anchor, Stack, Text, Title } from "@mantine/core";
import { Link } from "react-router";

export function Missing({ what = "page" }: { what?: string }) {
  return (
    <Stack>
      <Title order={1}>There is no such {what}</Title>
      <Text>
        It may have been removed.{" "}
        <Anchor component={Link} to="/" underline="always">
          Go to the overview
        </Anchor>
      </Text>
    </Stack>
  );
}
