/** What an impact report says: counts, and each conversation that would have gone elsewhere, with the first difference. */

import { Anchor, Badge, SimpleGrid, Stack, Table, Tabs, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { Link } from "react-router";
import type { Schemas } from "../api/client";
import { count, time } from "../words";
import classes from "./changes.module.css";
import { Place } from "./place";

type Report = Schemas["ImpactReport"];

const NEEDS: Record<string, string> = {
  request: "an answer of a request",
  chatbot: "what the chatbot would say",
  people: "what people would do",
  tap: "what would be tapped",
  rest: "where it would rest",
};

export function ImpactReport({ report }: { report: Report }) {
  const { counts } = report;
  if (report.compared === 0) return <Text c="dimmed">No recorded conversation agrees with that.</Text>;
  const first = counts.moved > 0 ? "moved" : counts.texts_only > 0 ? "texts" : "undecided";
  const listed = counts.moved + counts.texts_only + counts.undecided + counts.unfaithful;
  return (
    <Stack>
      <SimpleGrid cols={{ base: 2, sm: 3, lg: 5 }} spacing="sm">
        <Figure amount={counts.same} words="go the same way" />
        <Figure amount={counts.moved} words="go elsewhere" colour="red" />
        <Figure amount={counts.texts_only} words="same way, other words" colour="orange" />
        <Figure amount={counts.undecided} words="cannot be known" colour="blue" />
        <Figure amount={counts.unfaithful} words="not comparable" />
      </SimpleGrid>
      <Text size="xs" c="dimmed">
        {count(report.compared, "conversation")} compared in {report.seconds} s, opened from{" "}
        {time(report.opened_first)} to {time(report.opened_last)}.
        {Object.entries(report.needs).length > 0 &&
          ` Not known: ${Object.entries(report.needs)
            .map(([need, amount]) => `${NEEDS[need] ?? need} (${amount})`)
            .join(", ")}.`}
      </Text>
      {report.flows.length > 0 && (
        <div>
          <Title order={3} size="h6" mb={4}>
            From where to where
          </Title>
          <Listing heads={["Then", "Now", "Conversations"]}>
            {report.flows.map((one) => (
              <Table.Tr key={`${one.old} ${one.new}`}>
                <Table.Td>
                  <Place path={one.old} />
                </Table.Td>
                <Table.Td>
                  <Place path={one.new} />
                </Table.Td>
                <Table.Td>{one.count}</Table.Td>
              </Table.Tr>
            ))}
          </Listing>
        </div>
      )}
      {listed > 0 && (
        <Tabs defaultValue={first} keepMounted={false}>
          <Tabs.List>
            {counts.moved > 0 && <Tabs.Tab value="moved">Elsewhere ({counts.moved})</Tabs.Tab>}
            {counts.texts_only > 0 && <Tabs.Tab value="texts">Other words ({counts.texts_only})</Tabs.Tab>}
            {counts.undecided > 0 && <Tabs.Tab value="undecided">Not known ({counts.undecided})</Tabs.Tab>}
            {counts.unfaithful > 0 && (
              <Tabs.Tab value="unfaithful">Not comparable ({counts.unfaithful})</Tabs.Tab>
            )}
          </Tabs.List>
          <Tabs.Panel value="moved">
            <Listing heads={["Conversation", "First step that differs", "Came to", "Would come to"]}>
              {report.moved.map((one) => (
                <Moved key={one.conversation.name} one={one} />
              ))}
            </Listing>
            <Rest listed={report.moved.length} of={counts.moved} />
          </Tabs.Panel>
          <Tabs.Panel value="texts">
            <Listing heads={["Conversation", "Messages", "First that differs: then", "Now"]}>
              {report.texts_only.map((one) => (
                <Table.Tr key={one.conversation.name}>
                  <Which which={one.conversation} />
                  <Table.Td>{one.messages}</Table.Td>
                  <Table.Td className={classes.wrap}>{one.old?.text ?? "(nothing)"}</Table.Td>
                  <Table.Td className={classes.wrap}>{one.new?.text ?? "(nothing)"}</Table.Td>
                </Table.Tr>
              ))}
            </Listing>
            <Rest listed={report.texts_only.length} of={counts.texts_only} />
          </Tabs.Panel>
          <Tabs.Panel value="undecided">
            <Listing heads={["Conversation", "From here on", "Needs", "Why"]}>
              {report.undecided.map((one) => (
                <Table.Tr key={one.conversation.name}>
                  <Which which={one.conversation} />
                  <Table.Td>
                    <Place path={one.unknown_from.path} />
                  </Table.Td>
                  <Table.Td>{NEEDS[one.unknown_from.needs] ?? one.unknown_from.needs}</Table.Td>
                  <Table.Td>{one.unknown_from.why}</Table.Td>
                </Table.Tr>
              ))}
            </Listing>
            <Rest listed={report.undecided.length} of={counts.undecided} />
          </Tabs.Panel>
          <Tabs.Panel value="unfaithful">
            <Text size="sm" my="xs">
              They do not come out as they did on their own revision either, so nothing is said of them.
            </Text>
            <Listing heads={["Conversation"]}>
              {report.unfaithful.map((one) => (
                <Table.Tr key={one.conversation.name}>
                  <Which which={one.conversation} />
                </Table.Tr>
              ))}
            </Listing>
            <Rest listed={report.unfaithful.length} of={counts.unfaithful} />
          </Tabs.Panel>
        </Tabs>
      )}
    </Stack>
  );
}

function Moved({ one }: { one: Report["moved"][number] }) {
  const { turning } = one;
  return (
    <Table.Tr>
      <Which which={one.conversation} />
      <Table.Td>
        <Text size="xs" c="dimmed">
          Step {turning.number}, {time(turning.at)}
        </Text>
        <Side words="then" visit={turning.old} to={turning.old_to} />
        <Side words="now" visit={turning.new} to={turning.new_to} />
      </Table.Td>
      <Table.Td>
        <Came to={one.old} />
      </Table.Td>
      <Table.Td>
        <Came to={one.new} />
        {one.unknown_from && (
          <Text size="xs" c="dimmed">
            from there on not known: {one.unknown_from.why}
          </Text>
        )}
        {one.left > 0 && (
          <Text size="xs" c="dimmed">
            {count(one.left, "later message")} would open another conversation
          </Text>
        )}
      </Table.Td>
    </Table.Tr>
  );
}

function Side({ words, visit, to }: { words: string; visit: Schemas["Visit"] | null; to: string }) {
  return (
    <div>
      <Text size="xs" c="dimmed" span>
        {words}{" "}
      </Text>
      <Place path={visit?.path ?? to} />
      <Text size="xs">{visit === null ? "it stays" : visit.why}</Text>
    </div>
  );
}

function Came({ to }: { to: Schemas["Outcome"] }) {
  return (
    <>
      <Place path={to.place} />
      <Text size="xs" c="dimmed">
        {to.ended ? `ended: ${to.cause ?? to.terminate}` : "open"}
        {to.missed ? ", missed" : ""}
      </Text>
    </>
  );
}

function Which({ which }: { which: Schemas["Which"] }) {
  return (
    <Table.Td>
      <Anchor component={Link} to={`/conversations/${which.name}`} size="sm">
        {time(which.opened_at)}
      </Anchor>
      <Text size="xs" c="dimmed">
        {which.connector}, revision {which.revision}
      </Text>
    </Table.Td>
  );
}

function Listing({ heads, children }: { heads: string[]; children: ReactNode }) {
  return (
    <Table.ScrollContainer minWidth={heads.length > 2 ? 640 : 320}>
      <Table verticalSpacing="xs" className={classes.listing}>
        <Table.Thead>
          <Table.Tr>
            {heads.map((one) => (
              <Table.Th key={one}>{one}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>{children}</Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Rest({ listed, of }: { listed: number; of: number }) {
  if (listed >= of) return null;
  return (
    <Text size="xs" c="dimmed">
      The newest {listed} of {of} are listed.
    </Text>
  );
}

function Figure({ amount, words, colour }: { amount: number; words: string; colour?: string }) {
  return (
    <div className={classes.entity}>
      <Badge size="lg" variant="light" color={amount > 0 ? (colour ?? "gray") : "gray"}>
        {amount.toLocaleString()}
      </Badge>
      <Text size="xs" mt={4}>
        {words}
      </Text>
    </div>
  );
}
