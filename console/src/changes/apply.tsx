/** Apply configuration changes: what is wrong, what changes, what it would have meant, and what becomes of open conversations. */

import { Alert, Badge, Card, Group, Loader, Stack, Text, Title } from "@mantine/core";
import { IconGitBranch } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect, useState } from "react";
import { client, Refused, type Schemas, told } from "../api/client";
import { useMay } from "../api/session";
import { Heading } from "../parts/heading";
import { DIFF, useDiff } from "../shell/banner";
import { count } from "../words";
import { Applied } from "./applied";
import { Applying } from "./applying";
import { Differences } from "./differences";
import { Impact } from "./impact";
import { Problems } from "./problems";
import { Outcome } from "./results";
import { CannotRun, RESULTS, useResults } from "./scenarios";

export function useSandboxProblems() {
  return useQuery({ queryKey: ["problems", "all"], queryFn: () => told(client.GET("/api/v1/problems")) });
}

export function ApplyPage() {
  const admin = useMay("admin");
  const [applied, setApplied] = useState<Schemas["Applied"] | null>(null);
  const diff = useDiff();
  const problems = useSandboxProblems();
  const results = useResults();
  const queries = useQueryClient();
  const etag = problems.data?.etag;
  // What is applied is the sandbox with this tag: the rest of the page has to be about the same one.
  // biome-ignore lint/correctness/useExhaustiveDependencies: whenever the sandbox is another one
  useEffect(() => {
    queries.invalidateQueries({ queryKey: DIFF });
    queries.invalidateQueries({ queryKey: RESULTS });
  }, [etag, queries]);
  if (applied) return <Applied applied={applied} onClose={() => setApplied(null)} />;
  if (diff.isLoading || problems.isLoading) return <Loader aria-label="Loading" />;
  if (!diff.data || !problems.data) {
    return <Alert color="red">{(diff.error ?? problems.error)?.message}</Alert>;
  }
  const failing = results.data?.filter((one) => !one.holds) ?? [];
  const { errors, warnings } = problems.data;
  const blocked = results.error instanceof Refused;
  return (
    <Stack>
      <Heading
        title="Apply configuration changes"
        icon={IconGitBranch}
        about="The sandbox becomes the next revision. New conversations follow it from then on, whole and at once."
      />
      {!diff.data.differs && (
        <Alert color="blue" title="There is nothing to apply">
          The sandbox is as production
          {diff.data.revision === null ? "" : `, which is revision ${diff.data.revision}`}.
        </Alert>
      )}
      <Part
        title="What changes"
        told={<Badge variant="light">{count(diff.data.entities.length, "entity", "entities")}</Badge>}
      >
        <Differences diff={diff.data} />
      </Part>
      <Part
        title="Problems"
        told={
          <Badge variant="light" color={errors > 0 ? "red" : warnings > 0 ? "orange" : "green"}>
            {errors > 0 ? count(errors, "error") : warnings > 0 ? count(warnings, "warning") : "none"}
          </Badge>
        }
      >
        {errors > 0 && <Text mb="xs">Errors have to be mended before it can be applied.</Text>}
        <Problems problems={problems.data.problems} />
        {errors + warnings === 0 && <Text c="dimmed">The check finds nothing wrong.</Text>}
      </Part>
      <Part
        title="Scenarios"
        told={
          results.data &&
          results.data.length > 0 && (
            <Badge variant="light" color={failing.length > 0 ? "red" : "green"}>
              {failing.length > 0
                ? `${failing.length} of ${results.data.length} fail`
                : `all ${results.data.length} hold`}
            </Badge>
          )
        }
      >
        {results.isLoading && <Loader size="sm" aria-label="Running" />}
        {blocked ? (
          <Text c="dimmed">They cannot run while the sandbox has errors.</Text>
        ) : (
          <CannotRun error={results.error} />
        )}
        <Stack gap="xs">
          {failing.map((one) => (
            <Outcome key={one.name} name={one.name} title={one.title} result={one} />
          ))}
          {results.data && failing.length === 0 && (
            <Text c="dimmed">
              {results.data.length === 0
                ? "There are no scenarios yet."
                : "All conversations go as written down."}
            </Text>
          )}
        </Stack>
      </Part>
      <Part title="Impact on recorded conversations">
        <Impact disabled={errors > 0} />
      </Part>
      <Part title="Apply">
        {admin ? (
          <Applying
            etag={problems.data.etag}
            differs={diff.data.differs}
            errors={errors}
            failing={failing.length}
            onApplied={setApplied}
          />
        ) : (
          <Text c="dimmed">Administrators apply the configuration.</Text>
        )}
      </Part>
    </Stack>
  );
}

export function Part({ title, told, children }: { title: string; told?: ReactNode; children: ReactNode }) {
  return (
    <Card withBorder component="section">
      <Group gap="sm" mb="sm">
        <Title order={2} size="h4">
          {title}
        </Title>
        {told}
      </Group>
      {children}
    </Card>
  );
}
