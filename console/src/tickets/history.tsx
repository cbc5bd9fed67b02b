/** What was done to a ticket and said about it, and a line to say more. */

import { Badge, Button, Card, Group, Stack, Text, Textarea, Timeline, Title } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { client, type Schemas, whole } from "../api/client";
import { useMay } from "../api/session";
import { Wrong } from "../parts/wrong";
import { ago, time } from "../words";

type OneTicket = Schemas["OneTicket"];

export function History({
  ticket,
  onCommented,
}: {
  ticket: OneTicket;
  onCommented: (found: { data: OneTicket; etag: string }) => void;
}) {
  const agent = useMay("agent");
  const [comment, setComment] = useState("");
  const say = useMutation({
    mutationFn: () =>
      whole(
        client.POST("/api/v1/tickets/{number}/comments", {
          params: { path: { number: ticket.number } },
          body: { comment },
        }),
      ),
    onSuccess: (found) => {
      setComment("");
      onCommented(found);
    },
  });
  return (
    <Card withBorder>
      <Title order={2} size="h4" mb="md">
        History
      </Title>
      {ticket.history.length === 0 && (
        <Text size="sm" c="dimmed" mb="md">
          Nothing was done to it yet.
        </Text>
      )}
      <Timeline bulletSize={14} lineWidth={2} active={ticket.history.length}>
        {ticket.history.map((one) => (
          <Timeline.Item
            key={one.id}
            title={
              <Text size="sm" fw={500}>
                {one.author === "graph" ? "The routing" : one.author}{" "}
                <Text span size="xs" c="dimmed" title={time(one.at)}>
                  {ago(one.at)}
                </Text>
              </Text>
            }
          >
            {Object.entries(one.changes).map(([field, [before, after]]) => (
              <Group key={field} gap={6} my={2}>
                <Badge variant="default" size="sm" tt="none">
                  {field}
                </Badge>
                <Text size="sm" lineClamp={3}>
                  {field === "comment" || field === "title"
                    ? said(after)
                    : `${said(before)} → ${said(after)}`}
                </Text>
              </Group>
            ))}
            {one.comment && (
              <Text size="sm" style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
                {one.comment}
              </Text>
            )}
          </Timeline.Item>
        ))}
      </Timeline>
      {agent && (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            say.mutate();
          }}
        >
          <Stack gap="xs" mt="lg">
            <Textarea
              label="Comment"
              description="For colleagues; the customer sees nothing of it."
              autosize
              minRows={2}
              maxRows={10}
              value={comment}
              onChange={(event) => setComment(event.currentTarget.value)}
            />
            <Wrong error={say.error} />
            <Group justify="flex-end">
              <Button
                type="submit"
                variant="default"
                disabled={comment.trim() === ""}
                loading={say.isPending}
              >
                Add comment
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Card>
  );
}

function said(value: unknown): string {
  if (value === null || value === undefined || value === "") return "nothing";
  return typeof value === "string" ? value : JSON.stringify(value);
}
