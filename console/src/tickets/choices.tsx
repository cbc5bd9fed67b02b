/** What tickets can be, and who and what they can have. */

import { Badge, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { client, type Schemas, told } from "../api/client";
import { useMay } from "../api/session";
import { ago, time } from "../words";

export type Ticket = Schemas["TicketItem"];
export type Stage = Ticket["stage"];
export type Priority = Schemas["TicketValues"]["priority"];

export const TICKETS = ["tickets"];
export const STAGES: { value: Stage; label: string }[] = [
  { value: "open", label: "Open" },
  { value: "wait", label: "Waiting" },
  { value: "closed", label: "Closed" },
  { value: "archived", label: "Archived" },
];
export const PRIORITIES = ["low", "normal", "high", "urgent"];
const STAGE_COLOURS: Record<string, string> = {
  open: "blue",
  wait: "grape",
  closed: "green",
  archived: "gray",
};
const PRIORITY_COLOURS: Record<string, string> = { urgent: "red", high: "orange" };

/** The categories of production, by name and title. */
export function useCategories(): { value: string; label: string }[] {
  const found = useQuery({
    queryKey: ["categories"],
    queryFn: () =>
      told(
        client.GET("/api/v1/production/{kind}", {
          params: { path: { kind: "categories" }, query: { limit: 200 } },
        }),
      ),
  });
  return (found.data?.items ?? []).map((one) => ({ value: one.name, label: one.title ?? one.name }));
}

/** Who can have tickets; viewers are not told. */
export function useAssignees(): { value: string; label: string }[] {
  const agent = useMay("agent");
  const found = useQuery({
    queryKey: ["agents"],
    queryFn: () => told(client.GET("/api/v1/agents")),
    enabled: agent,
  });
  return (found.data?.items ?? []).map((one) => ({ value: one.name, label: one.display_name }));
}

export function StageBadge({ stage }: { stage: Stage }) {
  return (
    <Badge variant="light" color={STAGE_COLOURS[stage]}>
      {STAGES.find((one) => one.value === stage)?.label ?? stage}
    </Badge>
  );
}

export function PriorityBadge({ priority }: { priority: string | null }) {
  if (priority === null || priority === "normal") return null;
  return (
    <Badge variant="light" color={PRIORITY_COLOURS[priority] ?? "gray"}>
      {priority}
    </Badge>
  );
}

/** When it is due, and whether that is over. */
export function Due({ ticket }: { ticket: Ticket }) {
  if (ticket.due_at === null) return null;
  return (
    <Text
      size="sm"
      c={ticket.overdue ? "red" : undefined}
      fw={ticket.overdue ? 600 : undefined}
      title={time(ticket.due_at)}
    >
      {ticket.overdue
        ? ticket.closed_at
          ? "was too late"
          : `overdue: ${ago(ticket.due_at)}`
        : ago(ticket.due_at)}
    </Text>
  );
}

/** An item that is not among the choices any more is shown all the same. */
export function withValue(choices: { value: string; label: string }[], value: string | null) {
  return value === null || choices.some((one) => one.value === value)
    ? choices
    : [...choices, { value, label: value }];
}
