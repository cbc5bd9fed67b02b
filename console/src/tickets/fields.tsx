/** The fields of a ticket that people change, and the facts that they do not. */

import { Anchor, Select, SimpleGrid, Text, Textarea, TextInput } from "@mantine/core";
import { Link } from "react-router";
import type { Schemas } from "../api/client";
import { wrongWith } from "../parts/wrong";
import { time } from "../words";
import {
  PRIORITIES,
  type Priority,
  STAGES,
  type Stage,
  useAssignees,
  useCategories,
  withValue,
} from "./choices";

export type OneTicket = Schemas["OneTicket"];
export type Values = Pick<OneTicket, "title" | "comment" | "category" | "priority" | "stage" | "assignee">;
export const FIELDS = ["title", "comment", "category", "priority", "stage", "assignee"] as const;

export function Fields({
  values,
  readOnly,
  error,
  set,
}: {
  values: Values;
  readOnly: boolean;
  error: Error | null;
  set: (values: Partial<Values>) => void;
}) {
  const categories = useCategories();
  const assignees = useAssignees();
  return (
    <>
      <TextInput
        label="Title"
        required
        readOnly={readOnly}
        value={values.title}
        onChange={(event) => set({ title: event.currentTarget.value })}
        error={wrongWith(error, "title")}
      />
      <Textarea
        label="What it is about"
        autosize
        minRows={3}
        maxRows={16}
        readOnly={readOnly}
        value={values.comment}
        onChange={(event) => set({ comment: event.currentTarget.value })}
        error={wrongWith(error, "comment")}
      />
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        <Select
          label="Stage"
          readOnly={readOnly}
          allowDeselect={false}
          data={STAGES}
          value={values.stage}
          onChange={(value) => set({ stage: (value ?? values.stage) as Stage })}
        />
        <Select
          label="Priority"
          readOnly={readOnly}
          allowDeselect={false}
          data={PRIORITIES}
          value={values.priority}
          onChange={(value) => set({ priority: value as Priority })}
        />
        <Select
          label="Category"
          readOnly={readOnly}
          clearable={!readOnly}
          data={withValue(categories, values.category)}
          value={values.category}
          onChange={(value) => set({ category: value })}
          error={wrongWith(error, "category")}
        />
        <Select
          label="Assignee"
          placeholder="Nobody"
          readOnly={readOnly}
          clearable={!readOnly}
          searchable={!readOnly}
          data={withValue(assignees, values.assignee)}
          value={values.assignee}
          onChange={(value) => set({ assignee: value })}
          error={wrongWith(error, "assignee")}
        />
      </SimpleGrid>
    </>
  );
}

export function Facts({ ticket }: { ticket: OneTicket }) {
  return (
    <Text size="xs" c="dimmed">
      Created {time(ticket.created_at)} by {ticket.author === "graph" ? "the routing" : ticket.author}.
      {ticket.due_at ? ` Due ${time(ticket.due_at)}.` : " Nothing is due."}
      {ticket.closed_at ? ` Closed ${time(ticket.closed_at)}.` : ""}{" "}
      {ticket.conversation && (
        <Anchor
          component={Link}
          to={`/tickets?conversation=${ticket.conversation}&stage=open,wait,closed,archived`}
          size="xs"
        >
          All tickets of this conversation
        </Anchor>
      )}
    </Text>
  );
}

export function valuesOf(ticket: OneTicket): Values {
  const { title, comment, category, priority, stage, assignee } = ticket;
  return { title, comment, category, priority, stage, assignee };
}

/** Only what is different is written, so that a colleague's other change stays. */
export function changes(before: Values, after: Values): Partial<Values> {
  return Object.fromEntries(
    FIELDS.filter((name) => before[name] !== after[name]).map((name) => [name, after[name]]),
  );
}
