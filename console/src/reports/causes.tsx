/** Why conversations ended. */

import { lazy } from "react";
import { client } from "../api/client";
import { Beside, Figure, Figures, Told } from "./figure";
import { bucketed, type Period } from "./period";

const ByName = lazy(async () => ({ default: (await import("./charts")).ByName }));

const SERIES = [
  { name: "answered", label: "Answered", color: "teal.6" },
  { name: "missed", label: "Missed", color: "red.6" },
  { name: "others", label: "Neither", color: "gray.5" },
];

export function Causes({ period }: { period: Period }) {
  return (
    <Told
      report="causes"
      period={period}
      ask={() => client.GET("/api/v1/reports/causes", { params: { query: bucketed(period) } })}
      empty={(data) => data.totals.length === 0}
    >
      {(data) => {
        const rows = data.totals
          .map((one) => ({ ...one, others: Math.max(0, one.conversations - one.answered - one.missed) }))
          .sort((one, other) => other.conversations - one.conversations);
        return (
          <Beside>
            <Figure title="Disconnection causes" about="By when conversations ended.">
              <ByName title="disconnection causes" rows={rows} name="cause" series={SERIES} stacked />
            </Figure>
            <Figure title="By cause">
              <Figures
                label="Disconnection causes"
                rows={rows}
                columns={[
                  ["Cause", (one) => one.cause],
                  ["Conversations", (one) => one.conversations],
                  ["Answered", (one) => one.answered],
                  ["Missed", (one) => one.missed],
                ]}
              />
            </Figure>
          </Beside>
        );
      }}
    </Told>
  );
}
