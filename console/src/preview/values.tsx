/** What the conversation knows at a step: the names that templates and conditions read. */

import { Badge, Code, Table, Text } from "@mantine/core";
import { same, type Value } from "../entities/document";
import type { Step } from "./script";

export function Values({ step, before }: { step: Step | undefined; before: Step | undefined }) {
  const now = valuesOf(step);
  const then = valuesOf(before);
  const names = Object.keys(now);
  if (names.length === 0) return <Text c="dimmed">Nothing is known yet.</Text>;
  return (
    <Table.ScrollContainer minWidth={300} className="card">
      <Table verticalSpacing={6}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Name</Table.Th>
            <Table.Th>Value</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {names.map((name) => (
            <Table.Tr key={name}>
              <Table.Td style={{ verticalAlign: "top" }}>
                <Code>{name}</Code>{" "}
                {before !== undefined && !same(now[name], then[name]) && (
                  <Badge size="xs" color="orange" variant="light">
                    {name in then ? "changed" : "new"}
                  </Badge>
                )}
              </Table.Td>
              <Table.Td>
                <Text
                  component="pre"
                  size="xs"
                  ff="monospace"
                  m={0}
                  style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}
                >
                  {typeof now[name] === "string" ? now[name] : JSON.stringify(now[name], null, 1)}
                </Text>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function valuesOf(step: Step | undefined): Record<string, Value> {
  const position: Value = step?.position;
  if (!position) return {};
  const found: Record<string, Value> = {};
  for (const part of ["data", "contact", "customer", "answer", "ticket"]) {
    for (const [name, value] of Object.entries<Value>(position[part] ?? {})) {
      if (value !== null) found[`${part}.${name}`] = value;
    }
  }
  for (const [name, value] of Object.entries<Value>(position.objects ?? {})) found[name] = value;
  if (position.text) found.text = position.text;
  found.language = position.language ?? "(the default)";
  return found;
}
