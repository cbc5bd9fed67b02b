/** A path of the configuration as people read it, with the way there. */

import { Anchor, Group, Text } from "@mantine/core";
import { Link } from "react-router";
import { kindOf } from "../kinds";
import { addressOf } from "../trees/places";

export function Place({ path }: { path: string }) {
  const [given = "", name = "", ...inside] = path.split("/");
  const kind = kindOf(given);
  if (kind === undefined) return <Text size="sm">{path}</Text>;
  const decision = inside[0] === "decisions" ? inside[1] : undefined;
  return (
    <Group gap={6} wrap="nowrap" component="span" display="inline-flex">
      <kind.icon size={15} stroke={1.6} title={kind.one} />
      <Anchor component={Link} to={addressOf(path)} size="sm" style={{ overflowWrap: "anywhere" }}>
        {decision ? `${name}: ${decision}` : name}
      </Anchor>
    </Group>
  );
}
