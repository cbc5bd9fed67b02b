/** The impact report: which recorded conversations would have gone elsewhere on the sandbox, asked for on demand. */

import { Button, Group, NumberInput, Select, SimpleGrid, Stack, Text, TextInput } from "@mantine/core";
import { IconArrowsSplit2 } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { client, type Schemas, told } from "../api/client";
import { useItems } from "../entities/references";
import { ImpactReport } from "./impact-report";
import { CannotRun } from "./scenarios";

export function Impact({ disabled }: { disabled: boolean }) {
  const connectors = useItems("connectors");
  const [last, setLast] = useState<number | string>(500);
  const [connector, setConnector] = useState<string | null>(null);
  const [since, setSince] = useState("");
  const [until, setUntil] = useState("");
  const report = useMutation({
    mutationFn: () => {
      const wanted = {
        last: Number(last) || 1,
        ...(connector ? { connector } : {}),
        ...(since ? { since: new Date(since).toISOString() } : {}),
        ...(until ? { until: new Date(until).toISOString() } : {}),
      };
      return told(client.POST("/api/v1/impact", { body: wanted as Schemas["WantedImpact"] }));
    },
  });
  return (
    <Stack>
      <Text size="sm">
        Recorded conversations are run again on the sandbox, at their times and with their recorded answers.
        Nothing is sent.
      </Text>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          report.mutate();
        }}
      >
        <SimpleGrid cols={{ base: 1, xs: 2, lg: 4 }} spacing="sm">
          <NumberInput
            label="Newest conversations"
            min={1}
            max={10_000}
            allowDecimal={false}
            value={last}
            onChange={setLast}
          />
          <Select
            label="Connector"
            placeholder="All"
            clearable
            data={connectors.map((one) => ({ value: one.name, label: one.title }))}
            value={connector}
            onChange={setConnector}
          />
          <TextInput
            label="Opened from"
            type="datetime-local"
            value={since}
            onChange={(event) => setSince(event.currentTarget.value)}
          />
          <TextInput
            label="Opened before"
            type="datetime-local"
            value={until}
            onChange={(event) => setUntil(event.currentTarget.value)}
          />
        </SimpleGrid>
        <Group mt="sm">
          <Button
            type="submit"
            variant="default"
            leftSection={<IconArrowsSplit2 size={16} />}
            loading={report.isPending}
            disabled={disabled}
          >
            Compare
          </Button>
          {disabled && (
            <Text size="sm" c="dimmed">
              Only once the errors are mended.
            </Text>
          )}
        </Group>
      </form>
      <CannotRun error={report.error} />
      {report.data && <ImpactReport report={report.data} />}
    </Stack>
  );
}
