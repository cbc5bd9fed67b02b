/** How many conversations an agent may be given, the more they have the fewer. */

import { Button, Group, NumberInput, Switch, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconMinus, IconPlus } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { client, type Schemas, told } from "../api/client";
import { CardSheet } from "../parts/sheet";
import { Wrong } from "../parts/wrong";
import { count } from "../words";

const AGENTS = ["agents"];

export function Distribution({ name }: { name: string }) {
  const agents = useQuery({ queryKey: AGENTS, queryFn: () => told(client.GET("/api/v1/agents")) });
  const agent = agents.data?.items.find((one) => one.name === name);
  if (agent === undefined) return null;
  return <Edit key={`${agent.usual} ${agent.distribution.join(" ")}`} agent={agent} />;
}

function Edit({ agent }: { agent: Schemas["AgentItem"] }) {
  const queries = useQueryClient();
  const [usual, setUsual] = useState(agent.usual);
  const [steps, setSteps] = useState(agent.distribution);
  const same = usual === agent.usual && (usual || steps.join() === agent.distribution.join());
  const save = useMutation({
    mutationFn: () =>
      told(
        client.PATCH("/api/v1/agents/{name}", {
          params: { path: { name: agent.name } },
          body: { distribution: usual ? null : steps },
        }),
      ),
    onSuccess: () => {
      queries.invalidateQueries({ queryKey: AGENTS });
      notifications.show({ message: "Saved", color: "green" });
    },
  });
  return (
    <CardSheet
      title="Distribution of conversations"
      about={`How many more they may be offered, by how many they have. Now they are ${agent.state} and have ${count(agent.having, "conversation")}.`}
      mutation={save}
      action="Save"
      variant="default"
      disabled={same}
    >
      <Switch
        label="As usual here"
        description={`The installation's own distribution${agent.usual ? `: ${agent.distribution.join(", ")}` : ""}`}
        checked={usual}
        onChange={(event) => setUsual(event.currentTarget.checked)}
      />
      {!usual && (
        <>
          <Group align="flex-end" gap="xs">
            {steps.map((step, having) => (
              <NumberInput
                key={having}
                w={110}
                label={`Having ${having}`}
                min={0}
                max={100}
                allowDecimal={false}
                value={step}
                onChange={(value) =>
                  setSteps(steps.map((one, index) => (index === having ? Number(value) || 0 : one)))
                }
              />
            ))}
          </Group>
          <Group gap="xs">
            <Button
              variant="default"
              size="xs"
              leftSection={<IconPlus size={14} />}
              onClick={() => setSteps([...steps, 1])}
            >
              Add a step
            </Button>
            <Button
              variant="default"
              size="xs"
              leftSection={<IconMinus size={14} />}
              disabled={steps.length < 2}
              onClick={() => setSteps(steps.slice(0, -1))}
            >
              Remove the last
            </Button>
            <Text size="xs" c="dimmed">
              With {steps.length} or more they get none.
            </Text>
          </Group>
        </>
      )}
      <Wrong error={save.error} />
    </CardSheet>
  );
}
