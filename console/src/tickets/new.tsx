/** A new ticket of a person, with or without a conversation. */

import { Group, Select, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { useNavigate } from "react-router";
import { client, told } from "../api/client";
import { WindowSheet } from "../parts/sheet";
import { Wrong, wrongWith } from "../parts/wrong";
import { PRIORITIES, type Priority, TICKETS, useAssignees, useCategories } from "./choices";

export function NewTicket({ conversation, onClose }: { conversation: string | null; onClose: () => void }) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const categories = useCategories();
  const assignees = useAssignees();
  const [title, setTitle] = useState("");
  const [comment, setComment] = useState("");
  const [category, setCategory] = useState<string | null>(null);
  const [priority, setPriority] = useState<Priority>("normal");
  const [assignee, setAssignee] = useState<string | null>(null);
  // The same key at every try: an answer that is lost makes no second ticket.
  const once = useRef<string>(Array.from(crypto.getRandomValues(new Uint8Array(16)), hex).join(""));
  const make = useMutation({
    mutationFn: () =>
      told(
        client.POST("/api/v1/tickets", {
          params: { header: { "Idempotency-Key": once.current } },
          body: { title, comment, category, priority, assignee, conversation },
        }),
      ),
    onSuccess: (made) => {
      queries.invalidateQueries({ queryKey: TICKETS });
      navigate(`/tickets/${made.number}`);
    },
  });
  return (
    <WindowSheet title="New ticket" size="lg" onClose={onClose} mutation={make} action="Create">
      <TextInput
        label="Title"
        required
        data-autofocus
        value={title}
        onChange={(event) => setTitle(event.currentTarget.value)}
        error={wrongWith(make.error, "title")}
      />
      <Textarea
        label="What it is about"
        autosize
        minRows={3}
        maxRows={12}
        value={comment}
        onChange={(event) => setComment(event.currentTarget.value)}
        error={wrongWith(make.error, "comment")}
      />
      <Select
        label="Category"
        description="It may promise when the ticket is due."
        clearable
        data={categories}
        value={category}
        onChange={setCategory}
        error={wrongWith(make.error, "category")}
      />
      <Group grow align="flex-start">
        <Select
          label="Priority"
          allowDeselect={false}
          data={PRIORITIES}
          value={priority}
          onChange={(value) => setPriority((value ?? "normal") as Priority)}
        />
        <Select
          label="Assignee"
          clearable
          searchable
          data={assignees}
          value={assignee}
          onChange={setAssignee}
          error={wrongWith(make.error, "assignee")}
        />
      </Group>
      <Wrong error={make.error} fields={["title", "comment", "category", "assignee"]} />
    </WindowSheet>
  );
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}
