/** What agents did: offers and what came of them, conversations, and the time with them. */

import { lazy } from "react";
import { client } from "../api/client";
import { lasting } from "../words";
import { Beside, Figure, Figures, Told } from "./figure";
import { bucketed, type Period } from "./period";

const ByName = lazy(async () => ({ default: (await import("./charts")).ByName }));

const SERIES = [
  { name: "accepted", label: "Accepted", color: "teal.6" },
  { name: "declined", label: "Declined", color: "orange.5" },
  { name: "ignored", label: "Not answered in time", color: "red.5" },
];

export function Agents({ period }: { period: Period }) {
  return (
    <Told
      report="agents"
      period={period}
      ask={() => client.GET("/api/v1/reports/agents", { params: { query: bucketed(period) } })}
      empty={(data) => data.totals.length === 0}
    >
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
