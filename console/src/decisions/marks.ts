/** Which decisions of a draft differ from production. */

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { client, told } from "../api/client";
import { same, type Value } from "../entities/document";
import type { Draft } from "../entities/draft";

export type Marks = ReadonlyMap<string, "new" | "changed">;

export const NO_MARKS: Marks = new Map();

/** What is saved the API compares, which knows what means the same; what is not saved yet is compared here. */
export function useMarks({ entity, seen, document }: Draft): Marks {
  const production: Value = entity.production?.document;
  const saved = useQuery({
    queryKey: ["diff"],
    queryFn: () => told(client.GET("/api/v1/diff")),
    enabled: production !== undefined,
  });
  const entities = saved.data?.entities;
  return useMemo(() => {
    if (production === undefined || entities === undefined) return NO_MARKS;
    const start = `${entity.path}/decisions/`;
    const fields = entities.find((one) => one.path === entity.path)?.fields ?? [];
    const differing = new Set(
      fields
        .filter((one) => one.path.startsWith(start))
        .map((one) => one.path.slice(start.length).split("/")[0]!),
    );
    const before: Value = seen.document.decisions ?? {};
    const marks = new Map<string, "new" | "changed">();
    for (const [name, decision] of Object.entries<Value>(document.decisions ?? {})) {
      const other = production.decisions?.[name];
      if (other === undefined) marks.set(name, "new");
      else if (same(decision, before[name]) ? differing.has(name) : !same(decision, other))
        marks.set(name, "changed");
    }
    return marks;
  }, [production, entities, entity.path, seen.document, document]);
}
