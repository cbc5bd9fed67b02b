/** All tickets, by stage, category, priority, assignee and whether their time is up. */

import { Anchor, Button, Chip, Group, Select, Stack, Switch, Table, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconPlus, IconSearch, IconTicket } from "@tabler/icons-react";
import { useState } from "react";
import { Link, useSearchParams } from "react-router";
import { client, told } from "../api/client";
import { useMay, useSession } from "../api/session";
import { Heading } from "../parts/heading";
import { Rows, usePaged } from "../parts/rows";
import { ago } from "../words";
import {
  Due,
  PRIORITIES,
  PriorityBadge,
  STAGES,
  type Stage,
  StageBadge,
  TICKETS,
  useAssignees,
  useCategories,
  withValue,
} from "./choices";
import { NewTicket } from "./new";

export function Tickets() {
  const agent = useMay("agent");
  const [query, setQuery] = useSearchParams();
  const [words, setWords] = useState(query.get("text") ?? "");
  const [text] = useDebouncedValue(words.trim(), 250);
  const categories = useCategories();
  const [making, setMaking] = useState(false);
  const stages = (query.get("stage") ?? "open,wait").split(",").filter(Boolean) as Stage[];
  const set = (name: string, value: string | null) =>
    setQuery(
      (before) => {
        const next = new URLSearchParams(before);
        if (value === null) next.delete(name);
        else next.set(name, value);
        return next;
      },
      { replace: true },
    );
  const asked = {
    stage: stages,
    category: query.get("category") ?? undefined,
    priority: query.get("priority") ?? undefined,
    assignee: query.get("assignee") ?? undefined,
    overdue: query.get("overdue") === "true" ? true : undefined,
    conversation: query.get("conversation") ?? undefined,
    text: text || undefined,
    order: query.get("order") === "due" ? ("due" as const) : undefined,
  };
  const tickets = usePaged([...TICKETS, "list", asked], (cursor) =>
    told(client.GET("/api/v1/tickets", { params: { query: { ...asked, ...(cursor ? { cursor } : {}) } } })),
  );
  return (
    <Stack>
      <Heading
        title="Tickets"
        icon={IconTicket}
        about="What somebody has to deal with, also after the conversation."
      >
        {agent && (
          <Button leftSection={<IconPlus size={16} />} onClick={() => setMaking(true)}>
            New ticket
          </Button>
        )}
      </Heading>
      <Chip.Group
        multiple
        value={stages}
        onChange={(value) => set("stage", value.length > 0 ? value.join(",") : null)}
      >
        <Group gap={6} role="group" aria-label="Stages">
          {STAGES.map((one) => (
            <Chip key={one.value} value={one.value} size="sm">
              {one.label}
            </Chip>
          ))}
        </Group>
      </Chip.Group>
      <Group gap="sm" align="center">
        <TextInput
          aria-label="Search tickets"
          placeholder="Words, or a number"
          leftSection={<IconSearch size={16} />}
          w={200}
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
        />
        <Select
          aria-label="Category"
          placeholder="Every category"
          w={170}
          clearable
          data={withValue(categories, query.get("category"))}
          value={query.get("category")}
          onChange={(value) => set("category", value)}
        />
        <Select
          aria-label="Priority"
          placeholder="Every priority"
          w={150}
          clearable
          data={PRIORITIES}
          value={query.get("priority")}
          onChange={(value) => set("priority", value)}
        />
        <Whose value={query.get("assignee")} onChange={(value) => set("assignee", value)} />
        <Select
          aria-label="Order"
          w={150}
          allowDeselect={false}
          data={[
            { value: "newest", label: "Newest first" },
            { value: "due", label: "Due first" },
          ]}
          value={query.get("order") ?? "newest"}
          onChange={(value) => set("order", value === "due" ? "due" : null)}
        />
        <Switch
          label="Overdue only"
          checked={query.get("overdue") === "true"}
          onChange={(event) => set("overdue", event.currentTarget.checked ? "true" : null)}
        />
      </Group>
      {asked.conversation && (
        <Text size="sm">
          Only those of one conversation.{" "}
          <Anchor component="button" onClick={() => set("conversation", null)}>
            Show all
          </Anchor>
        </Text>
      )}
      <Rows
        label="Tickets"
        heads={["Ticket", "Stage", "Category", "Assignee", "Due", "Created"]}
        items={tickets.items}
        source={tickets}
        empty="There are no such tickets."
        width={760}
      >
        {(one) => (
          <Table.Tr key={one.number}>
            <Table.Td maw={380}>
              <Anchor component={Link} to={`/tickets/${one.number}`} fw={500} size="sm" lineClamp={2}>
                {one.title}
              </Anchor>
              <Text size="xs" c="dimmed">
                {one.number}
              </Text>
            </Table.Td>
            <Table.Td>
              <Group gap={4}>
                <StageBadge stage={one.stage} />
                <PriorityBadge priority={one.priority} />
              </Group>
            </Table.Td>
            <Table.Td>
              {categories.find((found) => found.value === one.category)?.label ?? one.category}
            </Table.Td>
            <Table.Td>
              {one.assignee ?? (
                <Text size="sm" c="dimmed">
                  nobody
                </Text>
              )}
            </Table.Td>
            <Table.Td>
              <Due ticket={one} />
            </Table.Td>
            <Table.Td>{ago(one.created_at)}</Table.Td>
          </Table.Tr>
        )}
      </Rows>
      {making && <NewTicket conversation={asked.conversation ?? null} onClose={() => setMaking(false)} />}
    </Stack>
  );
}

function Whose({ value, onChange }: { value: string | null; onChange: (value: string | null) => void }) {
  const session = useSession();
  const assignees = useAssignees();
  return (
    <Select
      aria-label="Assignee"
      placeholder="Everybody's"
      w={170}
      clearable
      searchable
      data={withValue(
        [
          { value: "-", label: "Nobody's" },
          ...(session.role === "viewer" ? [] : [{ value: session.name, label: "Mine" }]),
          ...assignees.filter((one) => one.value !== session.name),
        ],
        value,
      )}
      value={value}
      onChange={onChange}
    />
  );
}
