/** How much there was: conversations and messages over time. */

import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { lazy, useState } from "react";
import { client, type Schemas } from "../api/client";
import { summed } from "./buckets";
import { Beside, type Column, Figure, Figures, inJson, Told } from "./figure";
import { type Period, queryOf } from "./period";

const OverTime = lazy(async () => ({ default: (await import("./charts")).OverTime }));

type Row = Schemas["VolumeCounts"];
const NAMES = ["conversations", "written", "from_routing", "from_bots", "from_people"] as const;
const HEADS = {
  conversations: "Conversations",
  written: "By customers",
  from_routing: "By the routing",
  from_bots: "By chatbots",
  from_people: "By people",
};
const MESSAGES = [
  { name: "written", label: HEADS.written, color: "blue.5" },
  { name: "from_routing", label: HEADS.from_routing, color: "violet.5" },
  { name: "from_bots", label: HEADS.from_bots, color: "grape.3" },
  { name: "from_people", label: HEADS.from_people, color: "teal.6" },
];
const CONVERSATIONS = [{ name: "conversations", label: HEADS.conversations, color: "indigo.5" }];

export function Volumes({ period }: { period: Period }) {
  const [connector, setConnector] = useState<string | null>(null);
  const report = useQuery({
    queryKey: ["reports", "volumes", period],
    queryFn: () =>
      inJson(
        client.GET("/api/v1/reports/volumes", { params: { query: { ...queryOf(period), by: period.by } } }),
      ),
  });
  return (
    <Told query={report} empty={(data) => data.totals.length === 0} report="volumes" period={period}>
      {(data) => {
        const rows = data.items.filter((one) => connector === null || one.connector === connector);
        const points = summed(rows, [...NAMES], period);
        return (
          <>
            <Select
              label="Connector"
              placeholder="All connectors"
              clearable
              w={220}
              data={data.totals.map((one) => one.connector)}
              value={connector}
              onChange={setConnector}
            />
            <Beside>
              <Figure title="Conversations" about="By when they were opened.">
                <OverTime title="conversations over time" points={points} series={CONVERSATIONS} />
              </Figure>
              <Figure title="Messages" about="Those that left, and those that customers wrote.">
                <OverTime title="messages over time" points={points} series={MESSAGES} />
              </Figure>
              <Figure title={period.by === "day" ? "Day by day" : "Hour by hour"}>
                <Figures
                  label="Volumes over time"
                  rows={points.filter((one) => NAMES.some((name) => one[name] > 0))}
                  columns={[
                    ["From", (one) => one.at],
                    ...NAMES.map(
                      (name): Column<(typeof points)[number]> => [HEADS[name], (one) => one[name]],
                    ),
                  ]}
                />
              </Figure>
              <Figure title="By connector">
                <Figures
                  label="Connectors"
                  rows={data.totals}
                  columns={[
                    ["Connector", (one) => one.connector],
                    ...NAMES.map((name): Column<Row> => [HEADS[name], (one) => one[name]]),
                  ]}
                />
              </Figure>
            </Beside>
          </>
        );
      }}
    </Told>
  );
}
