/** Conversations as the pages read them; `api/live.ts` has them read anew when something changes. */

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { client, type Schemas, told } from "../api/client";
import { at, type Value } from "../entities/document";
import { useDocument } from "../preview/script";

export type Talk = Schemas["ConversationItem"];
export type WholeTalk = Schemas["OneConversation"];
export type Said = Schemas["TranscriptMessage"];
export type Reason = Schemas["Reason"];

const PAGE = 60;
const STEPS = 200;

export function useConversation(name: string) {
  return useQuery({
    queryKey: ["conversation", name],
    queryFn: () => told(client.GET("/api/v1/conversations/{name}", { params: { path: { name } } })),
  });
}

/** What was said, the newest page first; each page has the newest message first. */
export function useTranscript(name: string) {
  return useInfiniteQuery({
    queryKey: ["messages", name],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }) =>
      told(
        client.GET("/api/v1/conversations/{name}/messages", {
          params: { path: { name }, query: { limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) } },
        }),
      ),
    getNextPageParam: (page) => page.cursor,
  });
}

/** Every step with its reason, and the revisions that were followed. */
export function useExplained(name: string) {
  return useQuery({
    queryKey: ["trace", name],
    queryFn: async () => {
      const path = { name };
      const ask = (cursor?: string) =>
        told(
          client.GET("/api/v1/conversations/{name}/explain", {
            params: { path, query: { limit: STEPS, ...(cursor ? { cursor } : {}) } },
          }),
        );
      const first = await ask();
      const reasons = [...first.reasons];
      let cursor = first.cursor;
      while (cursor) {
        const page = await ask(cursor);
        reasons.push(...page.reasons);
        cursor = page.cursor;
      }
      return { ...first, reasons };
    },
  });
}

/** The document that customers meet now: names and titles of queues, causes, templates and the like. */
export function useProduction(): Value {
  return useDocument("production").data;
}

/** The entities of a kind as choices, by title. */
export function choices(document: Value, kind: string): { value: string; label: string }[] {
  return Object.entries<Value>(document?.[kind] ?? {}).map(([value, one]) => ({
    value,
    label: one?.title ?? value,
  }));
}

/** What a path of the configuration is called. */
export function titleOf(document: Value, path: string): string {
  const found = at(document, path.split("/"));
  return typeof found?.title === "string" ? found.title : path;
}

/** How a customer is called. */
export function nameOf(customer: Talk["customer"]): string {
  return customer.name ?? (customer.username ? `@${customer.username}` : customer.id);
}

/** The contact whose conversation this is. */
export function contactId(talk: Talk): string {
  return `${talk.account}-${talk.customer.id}`;
}
