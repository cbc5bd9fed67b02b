/** Which ways conversations took, from where they came in to where they ended. */

import { Select } from "@mantine/core";
import { useState } from "react";
import { client } from "../api/client";
import { useItems } from "../entities/references";
import { FlowDiagram, wordOf } from "./diagram";
import { Figure, Figures, Told } from "./figure";
import { type Period, queryOf } from "./period";

export function Paths({ period }: { period: Period }) {
  const [connector, setConnector] = useState<string | null>(null);
  const connectors = useItems("connectors");
  return (
    <>
      <Select
        label="Connector"
        placeholder="All connectors"
        clearable
        w={220}
        mb="xs"
        data={connectors.map((one) => ({ value: one.name, label: one.title }))}
        value={connector}
        onChange={setConnector}
      />
      <Told
        report="paths"
        period={period}
        connector={connector ?? undefined}
        ask={() =>
          client.GET("/api/v1/reports/paths", {
            params: { query: { ...queryOf(period), ...(connector ? { connector } : {}) } },
          })
        }
        empty={(data) => data.items.length === 0}
      >
        {(data) => (
          <>
            <Figure title="Paths taken" about="Of the conversations that were opened in this time.">
              <FlowDiagram
                ways={data.items.map((one) => ({
                  source: `${one.source_kind}/${one.source_name}`,
                  target: `${one.target_kind}/${one.target_name}`,
                  amount: one.conversations,
                }))}
              />
            </Figure>
            <Figure title="Way by way">
              <Figures
                label="Ways"
                words={2}
                rows={data.items}
                columns={[
                  ["From", (one) => `${one.source_name} (${wordOf(one.source_kind)})`],
                  ["To", (one) => `${one.target_name} (${wordOf(one.target_kind)})`],
                  ["Conversations", (one) => one.conversations],
                  ["Times", (one) => one.times],
                ]}
              />
            </Figure>
          </>
        )}
      </Told>
    </>
  );
}
