/** Sending a conversation elsewhere: to a queue, to a colleague, or to any place of the configuration. */

import { Alert, SegmentedControl, Select, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { client, Refused, told } from "../api/client";
import { KINDS } from "../kinds";
import { WindowSheet } from "../parts/sheet";
import { choices, nameOf, type Talk, useProduction } from "./queries";

type Way = "queue" | "agent" | "place";

const WAYS = [
  { value: "queue", label: "Queue" },
  { value: "agent", label: "Colleague" },
  { value: "place", label: "Other place" },
];
const WORDS: Record<Way, string> = {
  queue: "It waits there for the next agent.",
  agent: "They are offered it first. Only who is ready can be chosen.",
  place: "It goes on there by itself.",
};

export function TransferTo({ talk, onClose }: { talk: Talk; onClose: () => void }) {
  const queries = useQueryClient();
  const document = useProduction();
  const [way, setWay] = useState<Way>("queue");
  const [to, setTo] = useState<string | null>(null);
  const agents = useQuery({ queryKey: ["agents"], queryFn: () => told(client.GET("/api/v1/agents")) });
  const data = {
    queue: choices(document, "queues").map((one) => ({ ...one, value: `queues/${one.value}` })),
    agent: (agents.data?.items ?? []).map((one) => ({
      value: `agents/${one.name}`,
      label: `${one.display_name}: ${one.reason ? `${one.state}, ${one.reason}` : one.state}`,
      disabled: one.state !== "ready",
    })),
    place: KINDS.filter((one) => one.type !== undefined && one.type !== "queue").map((kind) => ({
      group: kind.many,
      items: choices(document, kind.kind).map((one) => ({ ...one, value: `${kind.kind}/${one.value}` })),
    })),
  };
  const transfer = useMutation({
    mutationFn: () =>
      told(
        client.POST("/api/v1/conversations/{name}/transfer", {
          params: { path: { name: talk.name } },
          body: { to: to! },
        }),
      ),
    onSuccess: () => {
      queries.invalidateQueries({ queryKey: ["conversation", talk.name] });
      onClose();
    },
  });
  const wrong = transfer.error instanceof Refused ? transfer.error.problems[0]?.message : undefined;
  return (
    <WindowSheet
      title={`Transfer the conversation with ${nameOf(talk.customer)}`}
      onClose={onClose}
      keep="Keep it"
      mutation={transfer}
      action="Transfer"
      disabled={!to}
    >
      <SegmentedControl
        aria-label="Where to"
        data={WAYS}
        value={way}
        onChange={(value) => {
          setWay(value as Way);
          setTo(null);
          transfer.reset();
        }}
      />
      <Select
        label={WAYS.find((one) => one.value === way)?.label}
        description={WORDS[way]}
        placeholder="Choose"
        data={data[way]}
        value={to}
        onChange={setTo}
        error={wrong}
        searchable
        nothingFoundMessage="There is none"
        data-autofocus
      />
      {transfer.error && !wrong && (
        <Alert color="red" role="alert">
          {transfer.error.message}
        </Alert>
      )}
      <Text size="xs" c="dimmed">
        Notes and the whole transcript go along.
      </Text>
    </WindowSheet>
  );
}
