/** A report: its chart, the same as a table, and as CSV to take along. */

import { Button, Card, Group, Loader, SimpleGrid, Stack, Table, Text, Title } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { type UseQueryResult, useMutation } from "@tanstack/react-query";
import { type ReactNode, Suspense } from "react";
import { client, told } from "../api/client";
import { save } from "../parts/saved";
import { type Period, queryOf } from "./period";

export type Report = "queues" | "volumes" | "agents" | "causes" | "paths";

/** A report that is asked for as JSON; as CSV the same routes answer text. */
export async function inJson<Data>(
  asked: Promise<{ data?: Data; error?: unknown; response: Response }>,
): Promise<Exclude<Data, string>> {
  return (await told(asked)) as Exclude<Data, string>;
}

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
  query,
  empty,
  report,
  period,
  connector,
  children,
}: {
  query: UseQueryResult<Data>;
  empty: (data: Data) => boolean;
  report: Report;
  period: Period;
  connector?: string;
  children: (data: Data) => ReactNode;
}) {
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

function Csv({ report, period, connector }: { report: Report; period: Period; connector?: string }) {
  const load = useMutation({
    mutationFn: async () => {
      const query = { ...queryOf(period), ...(report === "paths" ? { connector } : { by: period.by }) };
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
