/** The charts of reports; a table beside each says the same, so that nobody needs to see them. */

import "@mantine/charts/styles.css";
import { BarChart } from "@mantine/charts";
import { shortened } from "./buckets";

export interface Series {
  name: string;
  label: string;
  color: string;
}

/** Amounts over time, on top of each other. */
export function OverTime({ title, points, series }: { title: string; points: object[]; series: Series[] }) {
  return (
    <div role="img" aria-label={`Chart: ${title}. The table beside it says the same.`}>
      <BarChart
        h={280}
        data={points as Record<string, unknown>[]}
        dataKey="at"
        type="stacked"
        withLegend
        series={series}
        xAxisProps={{ tickFormatter: shortened, minTickGap: 12 }}
        yAxisProps={{ allowDecimals: false, width: 36 }}
        barChartProps={{ accessibilityLayer: false }}
        barProps={{ isAnimationActive: false, maxBarSize: 40 }}
        legendProps={{ verticalAlign: "bottom", height: 56 }}
      />
    </div>
  );
}

/** Amounts by name, side by side or on top of each other. */
export function ByName({
  title,
  rows,
  name,
  series,
  unit,
  stacked = false,
}: {
  title: string;
  rows: object[];
  name: string;
  series: Series[];
  unit?: (value: number) => string;
  stacked?: boolean;
}) {
  return (
    <div role="img" aria-label={`Chart: ${title}. The table beside it says the same.`}>
      <BarChart
        h={Math.max(140, rows.length * (stacked ? 40 : 26 + 16 * series.length) + 90)}
        data={rows as Record<string, unknown>[]}
        dataKey={name}
        orientation="vertical"
        type={stacked ? "stacked" : "default"}
        withLegend
        series={series}
        valueFormatter={unit}
        gridAxis="x"
        xAxisProps={{ allowDecimals: false }}
        yAxisProps={{ width: 110 }}
        barChartProps={{ accessibilityLayer: false }}
        barProps={{ isAnimationActive: false, maxBarSize: 22 }}
        legendProps={{ verticalAlign: "bottom", height: 56 }}
      />
    </div>
  );
}
