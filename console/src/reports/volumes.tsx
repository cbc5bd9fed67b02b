/** How much there was: conversations and messages over time. */

import { Select } from "@mantine/core";
import { lazy, useState } from "react";
import { client } from "../api/client";
import { summed } from "./buckets";
import { Beside, columnsOf, Figure, Figures, OneByOne, Told } from "./figure";
import { bucketed, type Period } from "./period";

const OverTime = lazy(async () => ({ default: (await import("./charts")).OverTime }));

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
  return (
    <Told
      report="volumes"
      period={period}
      ask={() => client.GET("/api/v1/reports/volumes", { params: { query: bucketed(period) } })}
      empty={(data) => data.totals.length === 0}
    >
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
              <OneByOne label="Volumes over time" points={points} heads={HEADS} by={period.by} />
              <Figure title="By connector">
                <Figures
                  label="Connectors"
                  rows={data.totals}
                  columns={[["Connector", (one) => one.connector], ...columnsOf(HEADS)]}
                />
              </Figure>
            </Beside>
          </>
        );
      }}
    </Told>
  );
}
