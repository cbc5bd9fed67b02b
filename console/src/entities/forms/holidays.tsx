/** Whose public holidays a definition means: countries and regions by their names. */

import { MultiSelect, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { client, type Schemas, told } from "../../api/client";
import { Framed, useField } from "../form";

const NAMES = new Intl.DisplayNames(undefined, { type: "region", fallback: "code" });

export function Holidays() {
  const countries = useCountries();
  const chosen = useField(["countries"], { deep: true, fallback: [] });
  const codes: string[] = Array.isArray(chosen.value) ? chosen.value.map(String) : [];
  const regions = countries
    .filter((one) => codes.includes(one.code) && one.regions.length > 0)
    .map((one) => ({
      group: nameOf(one.code),
      items: one.regions.map((region) => ({
        value: `${one.code}-${region.code}`,
        label: region.name === region.code ? region.code : `${region.name} (${region.code})`,
      })),
    }));
  return (
    <Stack gap="sm">
      <Codes
        name="countries"
        label="Countries"
        placeholder="Choose countries"
        data={countries
          .map((one) => ({ value: one.code, label: `${nameOf(one.code)} (${one.code})` }))
          .sort((one, other) => one.label.localeCompare(other.label))}
      />
      <Codes
        name="subdivisions"
        label="Regions"
        description="Their holidays count as well. None: only what the whole country has."
        placeholder={regions.length > 0 ? "Choose regions" : undefined}
        data={regions}
      />
    </Stack>
  );
}

interface Choice {
  value: string;
  label: string;
}

function Codes({
  name,
  label,
  description,
  placeholder,
  data,
}: {
  name: "countries" | "subdivisions";
  label: string;
  description?: string;
  placeholder?: string;
  data: (Choice | { group: string; items: Choice[] })[];
}) {
  const field = useField([name], { deep: true, fallback: [] });
  const value: string[] = Array.isArray(field.value) ? field.value.map(String) : [];
  const items = data.flatMap((one) => ("items" in one ? one.items : [one]));
  const known = new Set(items.map((one) => one.value));
  // What the document has is shown even where it is no choice, such as `ST`, which is of all countries that are named.
  const others = value
    .filter((one) => !known.has(one))
    .map((one) => ({
      value: one,
      label: items.find((item) => item.value.endsWith(`-${one}`))?.label ?? one,
    }));
  return (
    <Framed field={field}>
      <MultiSelect
        id={field.id}
        label={label}
        description={description}
        placeholder={field.readOnly || value.length > 0 ? undefined : placeholder}
        searchable={!field.readOnly}
        readOnly={field.readOnly}
        error={field.error}
        data={others.length > 0 ? [...data, ...others] : data}
        value={value}
        limit={80}
        nothingFoundMessage="Nothing found"
        onChange={(next) => field.set(next.length > 0 || name === "countries" ? next : undefined)}
      />
    </Framed>
  );
}

function useCountries(): Schemas["Country"][] {
  const found = useQuery({
    queryKey: ["hours", "countries"],
    queryFn: () => told(client.GET("/api/v1/hours/countries")),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return found.data?.items ?? [];
}

function nameOf(code: string): string {
  try {
    return NAMES.of(code) ?? code;
  } catch {
    return code;
  }
}
