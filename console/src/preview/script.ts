/** What is played in a preview: where and when it begins, and the steps that are done one after the other. */

import { useQuery } from "@tanstack/react-query";
import { client, type Schemas, told } from "../api/client";
import type { Value } from "../entities/document";

export type Of = Schemas["Preview"]["of"];
export type Step = Schemas["PreviewStep"];
export type StoredPosition = Schemas["StoredPosition"];

/** A step to do; what has a default in the API may be left out. */
type Given<One> = One extends { type: infer Type } ? Partial<One> & { type: Type } : never;
export type Act = Given<Schemas["Preview"]["steps"][number]>;

export interface Setting {
  of: Of;
  /** Date and time on the wall, or with an offset. */
  at: string;
  timezone: string;
  /** `connectors/shop`, or any other place. */
  begin: string;
  name: string;
  username: string;
  contact: Record<string, Value>;
  tickets: "created" | "failed";
  /** What the outside answers, where a scenario says so. */
  replies: Value[];
  requests: "ask" | "recorded" | "unreachable";
  /** A conversation from which it goes on; then it begins nowhere else. */
  stored: StoredPosition | null;
}

export function scriptOf(setting: Setting, steps: Act[]): Schemas["Preview"] {
  const [kind, name] = setting.begin.split("/");
  const where = kind === "connectors" ? { connector: name } : { place: setting.begin };
  const customer = {
    id: "customer",
    ...(setting.name ? { name: setting.name } : {}),
    ...(setting.username ? { username: setting.username } : {}),
  };
  const begin = setting.stored
    ? { position: setting.stored.position, recorded: setting.stored.recorded }
    : { start: { ...where, customer, contact: setting.contact } };
  const script = {
    of: setting.of,
    at: setting.at,
    timezone: setting.timezone,
    tickets: setting.tickets,
    replies: setting.replies,
    requests: setting.requests,
    ...begin,
    steps,
  };
  return script as unknown as Schemas["Preview"];
}

/** What comes of the steps. Until the next answer is there, the one before stays. */
export function usePlayed(setting: Setting, acts: Act[], enabled: boolean) {
  const script = scriptOf(setting, acts);
  return useQuery({
    queryKey: ["preview", script],
    queryFn: () => told(client.POST("/api/v1/preview", { body: script })),
    enabled,
    placeholderData: (before) => before,
    gcTime: 60_000,
  });
}

/** The whole document of the sandbox, of production, or of a revision. */
export function useDocument(of: Of) {
  return useQuery({
    queryKey: ["document", of],
    queryFn: async (): Promise<Value> => {
      if (of === "sandbox") return told(client.GET("/api/v1/sandbox"));
      if (of === "production") return told(client.GET("/api/v1/production"));
      const revision = await told(
        client.GET("/api/v1/revisions/{number}", { params: { path: { number: of } } }),
      );
      return (revision as Schemas["WholeRevision"]).document;
    },
  });
}

/** The step that a step of the script led to; the arrival has the number 0. */
export function actOf(acts: Act[], step: Step): Act | undefined {
  return step.number === 0 ? undefined : acts[step.number - 1];
}

/** How long it takes until the customer's burst of messages is over, as a duration; null where there is none. */
export function settled(acts: Act[], last: Step | undefined): string | null {
  const type = acts.at(-1)?.type;
  const rests = last?.rests;
  if ((type !== "user" && type !== "tap") || rests?.reason !== "quiet" || !rests.until) return null;
  return `PT${(new Date(rests.until).getTime() - new Date(last?.at ?? rests.until).getTime()) / 1000}S`;
}

/** The entities of a kind in a document, by name and title. */
export function named(entities: Value): { value: string; label: string }[] {
  return Object.entries<Value>(entities ?? {}).map(([value, entity]) => ({
    value,
    label: typeof entity?.title === "string" ? entity.title : value,
  }));
}
