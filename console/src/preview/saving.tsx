/** Saving what was played as a scenario, and running it at once: what it expects is what came of it here. */

import { Alert, Anchor, Button, Group, List, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { client, told, whole } from "../api/client";
import type { Value } from "../entities/document";
import { slug } from "../entities/new";
import { Sheet } from "../parts/sheet";
import { scenarioOf } from "./scenario";
import type { Act, Setting, Step } from "./script";

export function Saving({
  setting,
  acts,
  steps,
  given,
  onClose,
}: {
  setting: Setting;
  acts: Act[];
  steps: Step[];
  /** The scenario that this was opened from, which it may replace. */
  given: { name: string; title: string } | null;
  onClose: () => void;
}) {
  const queries = useQueryClient();
  const [title, setTitle] = useState(given?.title ?? "");
  const [name, setName] = useState<string | null>(given?.name ?? null);
  const [taken, setTaken] = useState<string | null>(null);
  const proposed = name ?? slug(title);
  const save = useMutation({
    mutationFn: async () => {
      const { data, etag } = await whole(client.GET("/api/v1/scenarios"));
      const kept: Value = data;
      if (proposed in kept.scenarios && taken !== proposed) {
        setTaken(proposed);
        return null;
      }
      const scenarios = { ...kept.scenarios, [proposed]: scenarioOf(title, setting, acts, steps) };
      await told(
        client.PUT("/api/v1/scenarios", {
          params: { header: { "if-match": etag } },
          body: { scenarios },
        }),
      );
      queries.invalidateQueries({ queryKey: ["scenarios"] });
      const ran = await told(client.POST("/api/v1/scenarios/run", { body: { names: [proposed] } }));
      return ran.results[0] ?? null;
    },
  });
  const result = save.data;
  return (
    <Modal opened onClose={onClose} title="Save as scenario">
      {result ? (
        <Stack>
          <Alert color={result.holds ? "green" : "orange"} title={`Saved as ${result.name}`}>
            {result.holds
              ? "It was run on the sandbox, and it holds."
              : "It was run on the sandbox, and does not hold there:"}
            <List size="sm">
              {result.failures.map((one, index) => (
                <List.Item key={index}>
                  Step {one.step + 1} ({one.key}): expected {one.expected}, and {one.happened}
                </List.Item>
              ))}
            </List>
          </Alert>
          <Group justify="flex-end">
            <Anchor component={Link} to={`/scenarios?name=${result.name}`}>
              Go to the scenarios
            </Anchor>
            <Button onClick={onClose}>Done</Button>
          </Group>
        </Stack>
      ) : (
        <Sheet
          mutation={save}
          action={taken === proposed ? "Replace it" : "Save"}
          disabled={title === "" || proposed === ""}
          onClose={onClose}
        >
          <TextInput
            label="Title"
            description="What it shows, such as “An order is found”."
            required
            data-autofocus
            value={title}
            onChange={(event) => setTitle(event.currentTarget.value)}
          />
          <TextInput
            label="Name"
            required
            value={proposed}
            onChange={(event) => setName(event.currentTarget.value)}
            error={taken === proposed ? "There is one with this name: saving replaces it." : null}
          />
          <Text size="sm" c="dimmed">
            Every message, button and ticket, and the place at the end, is what the scenario expects from now
            on.
          </Text>
          {save.error && (
            <Alert color="red" role="alert">
              {save.error.message}
            </Alert>
          )}
        </Sheet>
      )}
    </Modal>
  );
}
