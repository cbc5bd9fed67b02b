/** Reports: queues, volumes, causes, agents and paths of a time that one chooses. */

import { Stack, Tabs } from "@mantine/core";
import { IconChartBar } from "@tabler/icons-react";
import type { ComponentType } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { Heading } from "../parts/heading";
import { Agents } from "./agents";
import { Causes } from "./causes";
import { Paths } from "./paths";
import { type Period, PeriodPicker, usePeriod } from "./period";
import { Queues } from "./queues";
import { Volumes } from "./volumes";

const TABS: { value: string; label: string; Shown: ComponentType<{ period: Period }> }[] = [
  { value: "queues", label: "Queues", Shown: Queues },
  { value: "volumes", label: "Volumes", Shown: Volumes },
  { value: "causes", label: "Causes", Shown: Causes },
  { value: "agents", label: "Agents", Shown: Agents },
  { value: "paths", label: "Paths", Shown: Paths },
];

export function Reports() {
  const [period, change] = usePeriod();
  const [query] = useSearchParams();
  const navigate = useNavigate();
  const tab = TABS.find((one) => one.value === query.get("report")) ?? TABS[0]!;
  return (
    <Stack>
      <Heading title="Reports" icon={IconChartBar} />
      <PeriodPicker period={period} change={change} />
      <Tabs
        value={tab.value}
        keepMounted={false}
        onChange={(value) => {
          const next = new URLSearchParams(query);
          if (value) next.set("report", value);
          navigate(`?${next}`, { replace: true });
        }}
      >
        <Tabs.List mb="md">
          {TABS.map((one) => (
            <Tabs.Tab key={one.value} value={one.value}>
              {one.label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {TABS.map(({ value, Shown }) => (
          <Tabs.Panel key={value} value={value}>
            <Shown period={period} />
          </Tabs.Panel>
        ))}
      </Tabs>
    </Stack>
  );
}
