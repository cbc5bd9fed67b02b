/** Creating a ticket for a conversation. */

import { Alert, Button, Group, Modal, Select, Stack, Textarea, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { client, Refused, type Schemas, told } from "../api/client";
import { choices, type Talk, useProduction } from "../conversations/queries";

const PRIORITIES = ["low", "normal", "high", "urgent"];

export function NewTicket({ talk, onClose }: { talk: Talk; onClose: () => void }) {
  const queries = useQueryClient();
  const production = useProduction();
  const [once] = useState(() => `${talk.name} ${Date.now()}`);
  const [ticket, setTicket] = useState<Schemas["ConversationTicket"]>({
    title: "",
    comment: "",
    priority: "normal",
  });
  const agents = useQuery({ queryKey: ["agents"], queryFn: () => told(client.GET("/api/v1/agents")) });
  const change = (part: Partial<Schemas["ConversationTicket"]>) => setTicket((now) => ({ ...now, ...part }));
  const create = useMutation({
    mutationFn: () =>
      told(
        client.POST("/api/v1/conversations/{name}/ticket", {
          params: { path: { name: talk.name }, header: { "Idempotency-Key": once } },
          body: ticket,
        }),
      ),
    onSuccess: (made) => {
      queries.invalidateQueries({ queryKey: ["contact"] });
      queries.invalidateQueries({ queryKey: ["tickets"] });
      notifications.show({
        position: "top-center",
        color: "green",
        message: `Ticket ${made.number} was created.`,
      });
      onClose();
    },
  });
  const problems = create.error instanceof Refused ? create.error.problems : [];
  const wrong = (path: string) => problems.find((one) => one.path.endsWith(path))?.message;
  return (
    <Modal opened onClose={onClose} title="Create a ticket">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate();
        }}
      >
        <Stack gap="sm">
          <TextInput
            label="Title"
            required
            value={ticket.title}
            error={wrong("title")}
            onChange={(event) => change({ title: event.currentTarget.value })}
            data-autofocus
          />
          <Select
            label="Category"
            placeholder="None"
            clearable
            searchable
            data={choices(production, "categories")}
            value={ticket.category ?? null}
            error={wrong("category")}
            onChange={(category) => change({ category })}
          />
          <Textarea
            label="What it is about"
            autosize
            minRows={3}
            maxRows={10}
            value={ticket.comment ?? ""}
            error={wrong("comment")}
            onChange={(event) => change({ comment: event.currentTarget.value })}
          />
          <Group grow align="flex-start">
            <Select
              label="Priority"
              data={PRIORITIES}
              allowDeselect={false}
              value={ticket.priority ?? "normal"}
              onChange={(priority) => change({ priority: priority as "normal" })}
            />
            <Select
              label="Who has it"
              placeholder="Nobody yet"
              clearable
              searchable
              data={(agents.data?.items ?? []).map((one) => ({ value: one.name, label: one.display_name }))}
              value={ticket.assignee ?? null}
              error={wrong("assignee")}
              onChange={(assignee) => change({ assignee })}
            />
          </Group>
          {create.error && problems.length === 0 && (
            <Alert color="red" role="alert">
              {create.error.message}
            </Alert>
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Leave it
            </Button>
            <Button type="submit" loading={create.isPending} disabled={ticket.title.trim() === ""}>
              Create the ticket
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
