/** How queues did: what arrived, was answered and was missed, and how long people waited. */

import { Select } from "@mantine/core";
import { lazy, useState } from "react";
import { client, type Schemas } from "../api/client";
import { lasting } from "../words";
import { summed } from "./buckets";
import { Beside, type Column, Figure, Figures, OneByOne, Told } from "./figure";
import { bucketed, type Period } from "./period";

const OverTime = lazy(async () => ({ default: (await import("./charts")).OverTime }));
const ByName = lazy(async () => ({ default: (await import("./charts")).ByName }));

type Row = Schemas["QueueCounts"];
const COUNTS = [
  { name: "answered", label: "Answered", color: "teal.6" },
  { name: "left", label: "Left unanswered", color: "orange.5" },
  { name: "waiting", label: "Still waiting", color: "blue.4" },
];
const WAITS = [
  { name: "waited_median", label: "Half within", color: "indigo.4" },
  { name: "waited_p90", label: "Nine of ten within", color: "indigo.8" },
];
const NAMES = ["arrived", "answered", "left", "waiting", "missed"] as const;

export function Queues({ period }: { period: Period }) {
  const [queue, setQueue] = useState<string | null>(null);
  return (
    <Told
      report="queues"
      period={period}
      ask={() => client.GET("/api/v1/reports/queues", { params: { query: bucketed(period) } })}
      empty={(data) => data.totals.length === 0}
    >
      {(data) => {
        const totals = data.totals.map((one) => ({ ...one, queue: nameOf(one.queue) }));
        const rows = data.items.filter((one) => queue === null || one.queue === queue);
        const points = summed(rows, [...NAMES], period);
        return (
          <>
            <Select
              label="Queue"
              placeholder="All queues"
              clearable
              w={220}
              data={data.totals.map((one) => ({ value: one.queue, label: nameOf(one.queue) }))}
              value={queue}
              onChange={setQueue}
            />
            <Beside>
              <Figure title="Arrived" about="By when conversations came into the queue.">
                <OverTime title="conversations that arrived in queues" points={points} series={COUNTS} />
              </Figure>
              <OneByOne label="Conversations over time" points={points} heads={HEADS} by={period.by} />
              <Figure title="Waiting" about="Until an agent accepted.">
                <ByName
                  title="how long people waited in queues"
                  rows={totals.map((one) => ({
                    ...one,
                    waited_median: one.waited_median ?? 0,
                    waited_p90: one.waited_p90 ?? 0,
                  }))}
                  name="queue"
                  series={WAITS}
                  unit={lasting}
                />
              </Figure>
              <Figure title="By queue">
                <Figures label="Queues" rows={totals} columns={COLUMNS} />
              </Figure>
            </Beside>
          </>
        );
      }}
    </Told>
  );
}

const HEADS = {
  arrived: "Arrived",
  answered: "Answered",
  left: "Left",
  waiting: "Waiting",
  missed: "Missed",
};
const COLUMNS: Column<Row>[] = [
  ["Queue", (one) => one.queue],
  ["Arrived", (one) => one.arrived],
  ["Answered", (one) => one.answered],
  ["Left", (one) => one.left],
  ["Overflowed", (one) => one.overflowed],
  ["Waiting", (one) => one.waiting],
  ["Missed", (one) => one.missed],
  ["Median wait", (one) => lasting(one.waited_median)],
  ["Longest wait", (one) => lasting(one.waited_max)],
  ["First answer", (one) => lasting(one.first_answer_median)],
  ["With agents", (one) => lasting(one.with_agents_median)],
];

function nameOf(queue: string): string {
  return queue === "" ? "(nobody's)" : queue;
}
