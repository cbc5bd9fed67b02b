/** What agents did: offers and what came of them, conversations, and the time with them. */

import { useQuery } from "@tanstack/react-query";
import { lazy } from "react";
import { client } from "../api/client";
import { lasting } from "../words";
import { Beside, Figure, Figures, inJson, Told } from "./figure";
import { type Period, queryOf } from "./period";

const ByName = lazy(async () => ({ default: (await import("./charts")).ByName }));

const SERIES = [
  { name: "accepted", label: "Accepted", color: "teal.6" },
  { name: "declined", label: "Declined", color: "orange.5" },
  { name: "ignored", label: "Not answered in time", color: "red.5" },
];

export function Agents({ period }: { period: Period }) {
  const report = useQuery({
    queryKey: ["reports", "agents", period],
    queryFn: () =>
      inJson(
        client.GET("/api/v1/reports/agents", { params: { query: { ...queryOf(period), by: period.by } } }),
      ),
  });
  return (
    <Told query={report} empty={(data) => data.totals.length === 0} report="agents" period={period}>
      {(data) => (
        <Beside>
          <Figure title="Conversations and offers">
            <ByName
              title="conversations and offers of agents"
              rows={data.totals}
              name="agent"
              series={SERIES}
              stacked
            />
          </Figure>
          <Figure title="By agent">
            <Figures
              label="Agents"
              rows={data.totals}
              columns={[
                ["Agent", (one) => one.agent],
                ["Offered", (one) => one.offered],
                ["Accepted", (one) => one.accepted],
                ["Declined", (one) => one.declined],
                ["Ignored", (one) => one.ignored],
                ["Replies", (one) => one.replies],
                ["With them", (one) => lasting(one.seconds)],
                ["Mean", (one) => lasting(one.seconds_mean)],
              ]}
            />
          </Figure>
        </Beside>
      )}
    </Told>
  );
}
