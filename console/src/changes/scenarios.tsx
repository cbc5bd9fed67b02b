/** Scenarios: all of them with what comes of them on the sandbox, and the file in which they are written. */

import { Alert, Badge, Button, Group, Loader, Stack, Tabs, Text, TextInput } from "@mantine/core";
import { IconListCheck, IconPlayerPlay, IconSearch } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useSearchParams } from "react-router";
import { client, Refused, told } from "../api/client";
import type { Value } from "../entities/document";
import { Heading } from "../parts/heading";
import { count } from "../words";
import { Problems } from "./problems";
import { Outcome, type Result } from "./results";
import { ScenarioFile } from "./scenario-file";

const KEPT = ["scenarios", "kept"];
export const RESULTS = ["scenarios", "results"];

export function ScenariosPage() {
  const [query, setQuery] = useSearchParams();
  const [search, setSearch] = useState(query.get("name") ?? "");
  const view = query.get("view") ?? "list";
  const open = (to: string, name?: string) => setQuery(name ? { view: to, name } : { view: to });
  return (
    <Stack>
      <Heading
        title="Scenarios"
        icon={IconListCheck}
        about="Conversations that the configuration has to hold. They are run on the sandbox before it is applied."
      />
      <Tabs value={view} onChange={(to) => open(to ?? "list")}>
        <Tabs.List mb="md">
          <Tabs.Tab value="list">Results</Tabs.Tab>
          <Tabs.Tab value="file">File</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="list">
          <Results search={search} setSearch={setSearch} edit={(name) => open("file", name)} />
        </Tabs.Panel>
        <Tabs.Panel value="file">
          <ScenarioFile name={query.get("name")} />
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}

function Results({
  search,
  setSearch,
  edit,
}: {
  search: string;
  setSearch: (search: string) => void;
  edit: (name: string) => void;
}) {
  const queries = useQueryClient();
  const kept = useQuery({
    queryKey: KEPT,
    queryFn: async (): Promise<Value> => told(client.GET("/api/v1/scenarios")),
  });
  const results = useResults();
  const one = useMutation({
    mutationFn: (name: string) => told(client.POST("/api/v1/scenarios/run", { body: { names: [name] } })),
    onSuccess: (found) =>
      queries.setQueryData<Result[]>(RESULTS, (before = []) => [
        ...before.filter((other) => !found.results.some((result) => result.name === other.name)),
        ...found.results,
      ]),
  });
  if (kept.isLoading) return <Loader aria-label="Loading" />;
  const all = Object.entries<Value>(kept.data?.scenarios ?? {});
  const words = search.toLowerCase();
  const listed = all.filter(([name, it]) => `${name} ${it.title}`.toLowerCase().includes(words));
  const failing = results.data?.filter((it) => !it.holds).length ?? 0;
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <TextInput
          aria-label="Search scenarios"
          placeholder="Search name and title"
          leftSection={<IconSearch size={16} />}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
        <Group gap="sm">
          {results.data && (
            <Badge color={failing > 0 ? "red" : "green"} size="lg" variant="light">
              {failing > 0 ? `${failing} of ${results.data.length} fail` : `all ${results.data.length} hold`}
            </Badge>
          )}
          <Button
            leftSection={<IconPlayerPlay size={16} />}
            loading={results.isFetching}
            onClick={() => results.refetch()}
          >
            Run all
          </Button>
        </Group>
      </Group>
      <CannotRun error={one.error ?? results.error} />
      {all.length === 0 && (
        <Alert color="blue" title="There are no scenarios yet">
          Play a conversation in the preview and save it as a scenario, or write one in the file.
        </Alert>
      )}
      {all.length > 0 && listed.length === 0 && (
        <Text c="dimmed">Nothing has this in its name or title.</Text>
      )}
      {listed.map(([name, it]) => (
        <Outcome
          key={name}
          name={name}
          title={it.title}
          result={results.data?.find((result) => result.name === name)}
          run={() => one.mutate(name)}
          running={one.isPending && one.variables === name}
          edit={() => edit(name)}
        />
      ))}
    </Stack>
  );
}

/** All scenarios run on the sandbox as it is now. */
export function useResults() {
  return useQuery({
    queryKey: RESULTS,
    queryFn: async () => (await told(client.POST("/api/v1/scenarios/run"))).results,
  });
}

export function CannotRun({ error }: { error: Error | null }) {
  if (error === null) return null;
  if (error instanceof Refused && error.problems.length > 0) {
    const errors = error.problems.filter((one) => one.severity === "error").length;
    return (
      <Stack gap="xs">
        <Text c="red">{error.message}</Text>
        <Problems problems={error.problems} title={count(errors, "error")} />
      </Stack>
    );
  }
  return <Alert color="red">{error.message}</Alert>;
}
