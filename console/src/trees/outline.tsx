/** A tree as a list: each place with the ways that leave it, for those who would rather read than look. */

import { Anchor, Badge, Group, List, Stack, Text } from "@mantine/core";
import { Link } from "react-router";
import { kindOfType } from "../kinds";
import { count } from "../words";
import type { DrawnTree } from "./layout";
import { addressOf } from "./places";

export function Outline({ tree }: { tree: DrawnTree }) {
  const titles = new Map(tree.nodes.map((one) => [one.path, one.title]));
  return (
    <Stack gap="xs" component="ul" p={0} m={0}>
      {tree.nodes.map((node) => (
        <Stack key={node.path} component="li" gap={4} className="card" p="sm" style={{ listStyle: "none" }}>
          <Group gap="xs">
            <Anchor component={Link} to={addressOf(node.path)} fw={600}>
              {node.title}
            </Anchor>
            <Badge variant="light" color="gray">
              {kindOfType(node.kind)?.one ?? node.kind}
            </Badge>
            {node.missing && <Badge color="red">missing</Badge>}
            {!node.reachable && <Badge color="orange">nothing leads here</Badge>}
            {node.problems.length > 0 && <Badge color="red">{count(node.problems.length, "problem")}</Badge>}
          </Group>
          {node.summary && (
            <Text size="sm" c="dimmed">
              {node.summary}
            </Text>
          )}
          <List size="sm">
            {tree.edges
              .filter((edge) => edge.source === node.path)
              .map((edge) => (
                <List.Item key={`${edge.path} ${edge.target}`}>
                  {edge.label}
                  {edge.when && ` (if ${edge.when})`}:{" "}
                  <Anchor component={Link} to={addressOf(edge.target)} size="sm">
                    {titles.get(edge.target) ?? edge.target}
                  </Anchor>
                </List.Item>
              ))}
          </List>
        </Stack>
      ))}
    </Stack>
  );
}
