/** The time that reports are about, kept in the address, and choosing it. */

import { Group, SegmentedControl, Select, TextInput } from "@mantine/core";
import { useMemo } from "react";
import { useSearchParams } from "react-router";
import { shifted, today, ZONE, zones } from "../parts/times";

export interface Period {
  /** First and last day, both included, in the zone. */
  first: string;
  last: string;
  timezone: string;
  by: "day" | "hour";
}

const PRESETS = [
  { value: "0", label: "Today" },
  { value: "6", label: "7 days" },
  { value: "29", label: "30 days" },
];
/** Periods of at most so many days are told by the hour. */
const BY_HOUR = 2;

export function usePeriod(): [Period, (change: Partial<Omit<Period, "by">>) => void] {
  const [query, setQuery] = useSearchParams();
  const period = useMemo(() => {
    const timezone = query.get("timezone") ?? ZONE;
    const last = query.get("last") ?? today(timezone);
    const first = query.get("first") ?? shifted(last, -6);
    return { first, last, timezone, by: daysOf({ first, last }) <= BY_HOUR ? "hour" : "day" } as Period;
  }, [query]);
  const change = (next: Partial<Omit<Period, "by">>) =>
    setQuery(
      (before) => {
        const after = new URLSearchParams(before);
        for (const [name, value] of Object.entries(next)) if (value) after.set(name, value);
        return after;
      },
      { replace: true },
    );
  return [period, change];
}

/** What the API is asked for. */
export function queryOf(period: Period) {
  return { since: period.first, until: shifted(period.last, 1), timezone: period.timezone };
}

/** The same for reports that tell of each day or hour. */
export function bucketed(period: Period) {
  return { ...queryOf(period), by: period.by };
}

export function daysOf({ first, last }: Pick<Period, "first" | "last">): number {
  return Math.round((Date.parse(last) - Date.parse(first)) / 86_400_000) + 1;
}

export function PeriodPicker({
  period,
  change,
}: {
  period: Period;
  change: (next: Partial<Omit<Period, "by">>) => void;
}) {
  const now = today(period.timezone);
  const preset =
    period.last === now
      ? (PRESETS.find((one) => shifted(now, -Number(one.value)) === period.first)?.value ?? "")
      : "";
  const choices = useMemo(zones, []);
  return (
    <Group gap="sm" align="flex-end">
      <SegmentedControl
        aria-label="Period"
        data={PRESETS}
        value={preset}
        onChange={(days) => change({ first: shifted(now, -Number(days)), last: now })}
      />
      <TextInput
        type="date"
        label="From"
        max={period.last}
        value={period.first}
        onChange={(event) => change({ first: event.currentTarget.value })}
      />
      <TextInput
        type="date"
        label="To, included"
        min={period.first}
        value={period.last}
        onChange={(event) => change({ last: event.currentTarget.value })}
      />
      <Select
        label="Time zone"
        searchable
        allowDeselect={false}
        w={210}
        data={choices}
        value={period.timezone}
        onChange={(zone) => change({ timezone: zone ?? period.timezone })}
      />
    </Group>
  );
}
