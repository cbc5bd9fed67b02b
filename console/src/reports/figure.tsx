/** A report: its chart, the same as a table, and as CSV to take along. */

import { Button, Card, Group, Loader, SimpleGrid, Stack, Table, Text, Title } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { type ReactNode, Suspense } from "react";
import { client, told } from "../api/client";
import { save } from "../parts/saved";
import type { Point } from "./buckets";
import { bucketed, type Period, queryOf } from "./period";

export type Report = "queues" | "volumes" | "agents" | "causes" | "paths";

/** What a report answers in JSON; as CSV the same routes answer text. */
type Json<Data> = Exclude<Data, string>;

/** A column of a table, and how its value is said. */
export type Column<Row> = [head: string, value: (row: Row) => ReactNode];

export function Figure({ title, about, children }: { title: string; about?: string; children: ReactNode }) {
  return (
    <Card withBorder>
      <Title order={2} size="h4">
        {title}
      </Title>
      {about && (
        <Text size="sm" c="dimmed">
          {about}
        </Text>
      )}
      <div style={{ marginTop: "var(--mantine-spacing-sm)" }}>
        <Suspense fallback={<Loader aria-label="Loading the chart" />}>{children}</Suspense>
      </div>
    </Card>
  );
}

/** Charts and tables side by side, once there is something. */
export function Told<Data>({
  report,
  period,
  connector,
  ask,
  empty,
  children,
}: {
  report: Report;
  period: Period;
  connector?: string;
  ask: () => Promise<{ data?: Data; error?: unknown; response: Response }>;
  empty: (data: Json<Data>) => boolean;
  children: (data: Json<Data>) => ReactNode;
}) {
  const query = useQuery({
    queryKey: ["reports", report, period, connector],
    queryFn: async () => (await told(ask())) as Json<Data>,
  });
  if (query.error)
    return (
      <Text c="red" role="alert">
        {query.error.message}
      </Text>
    );
  if (!query.data) return <Loader aria-label="Loading" />;
  return (
    <Stack>
      <Group justify="flex-end">
        <Csv report={report} period={period} connector={connector} />
      </Group>
      {empty(query.data) ? (
        <Card withBorder>
          <Text c="dimmed">There was nothing in this time.</Text>
        </Card>
      ) : (
        children(query.data)
      )}
    </Stack>
  );
}

/** Two figures beside each other, where there is room. */
export function Beside({ children }: { children: ReactNode }) {
  return <SimpleGrid cols={{ base: 1, lg: 2 }}>{children}</SimpleGrid>;
}

/** Numbers stand at the right; the first `words` columns are none. */
export function Figures<Row>({
  label,
  rows,
  columns,
  words = 1,
}: {
  label: string;
  rows: Row[];
  columns: Column<Row>[];
  words?: number;
}) {
  return (
    <Table.ScrollContainer
      type="native"
      minWidth={95 * columns.length}
      tabIndex={0}
      role="region"
      aria-label={label}
      maxHeight={420}
    >
      <Table aria-label={label} stickyHeader>
        <Table.Thead>
          <Table.Tr>
            {columns.map(([head], index) => (
              <Table.Th key={head} ta={index < words ? undefined : "right"}>
                {head}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row, line) => (
            <Table.Tr key={line}>
              {columns.map(([head, value], index) => (
                <Table.Td key={head} ta={index < words ? undefined : "right"}>
                  {value(row)}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

/** What there was in each day or hour; those in which there was nothing are left out. */
export function OneByOne<Name extends string>({
  label,
  points,
  heads,
  by,
}: {
  label: string;
  points: Point<Name>[];
  heads: Record<Name, string>;
  by: Period["by"];
}) {
  const names = Object.keys(heads) as Name[];
  return (
    <Figure title={by === "day" ? "Day by day" : "Hour by hour"}>
      <Figures
        label={label}
        rows={points.filter((one) => names.some((name) => one[name] > 0))}
        columns={[["From", (one) => one.at], ...columnsOf(heads)]}
      />
    </Figure>
  );
}

/** A column for each of these fields. */
export function columnsOf<Name extends string>(heads: Record<Name, string>): Column<Record<Name, number>>[] {
  return (Object.keys(heads) as Name[]).map((name) => [heads[name], (one) => one[name]]);
}

function Csv({ report, period, connector }: { report: Report; period: Period; connector?: string }) {
  const load = useMutation({
    mutationFn: async () => {
      const query = report === "paths" ? { ...queryOf(period), connector } : bucketed(period);
      const content = await told(
        client.GET(`/api/v1/reports/${report}`, {
          params: { query },
          headers: { Accept: "text/csv" },
          parseAs: "blob",
        }),
      );
      save(content as Blob, `${report} ${period.first} to ${period.last}.csv`);
    },
  });
  return (
    <>
      {load.error && (
        <Text size="sm" c="red" role="alert">
          {load.error.message}
        </Text>
      )}
      <Button
        size="xs"
        variant="default"
        leftSection={<IconDownload size={14} />}
        loading={load.isPending}
        onClick={() => load.mutate()}
      >
        CSV
      </Button>
    </>
  );
}
