/** What changes, as it changes: one stream of events for all tabs, which has what was read before read anew. */

import { type QueryClient, type QueryKey, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Refused } from "./client";
import { SESSION } from "./session";
import { shareStream } from "./stream";

const KINDS = [
  "conversations",
  "messages",
  "stays",
  "offers",
  "agents",
  "tickets",
  "notifications",
  "reset",
] as const;

export interface Change {
  kind: (typeof KINDS)[number];
  /** Of most kinds the conversation; of agents a user, of tickets and notifications the number. */
  name: string;
}

/** A broken line that is back so soon is not worth a word. */
const SPARED = 1_500;
/** What one looks at is read again at once, lists a little later: they change with everything. */
const SOON = 120;
const LATER = 1_000;
const LISTS = ["conversations", "queues", "tickets", "contacts", "notifications"];
const LIVE = [...LISTS, "conversation", "messages", "trace", "had", "offers", "agents", "contact"];

const listeners = new Set<(change: Change) => void>();

/** Listens to changes for as long as somebody is logged in; answers whether the line is lost. */
export function useLive(): boolean {
  const queries = useQueryClient();
  const [lost, setLost] = useState(false);
  useEffect(() => {
    const fresh = new Refresher(queries);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const close = shareStream("/api/v1/events", KINDS, {
      heard(kind, data) {
        const change: Change = { ...JSON.parse(data), kind };
        if (kind === "reset") fresh.all();
        else for (const key of staleAfter(change)) fresh.add(key);
        for (const listener of listeners) listener(change);
      },
      opened(resumed) {
        clearTimeout(timer);
        timer = undefined;
        setLost(false);
        if (resumed) return;
        fresh.all();
        for (const listener of listeners) listener({ kind: "reset", name: "" });
      },
      broke() {
        // A browser tries again and again; it counts from the first time.
        timer ??= setTimeout(() => setLost(true), SPARED);
      },
      refused() {
        queries.invalidateQueries({ queryKey: SESSION });
      },
    });
    const leave = watchSession(queries);
    return () => {
      close();
      leave();
      fresh.stop();
      clearTimeout(timer);
    };
  }, [queries]);
  return lost;
}

/** Calls this with every change; with a `reset` when anything may have changed. */
export function useChanges(listener: (change: Change) => void): void {
  useEffect(() => {
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  }, [listener]);
}

/** The keys of what is not as it was any more. */
export function staleAfter({ kind, name }: Change): QueryKey[] {
  switch (kind) {
    case "conversations":
      return [["conversation", name], ["trace", name], ["conversations"], ["had"]];
    case "messages":
      return [["messages", name], ["trace", name], ["conversations"], ["had"]];
    case "stays":
      return [["conversation", name], ["had"], ["offers"], ["agents", "me"], ["queues"]];
    case "offers":
      return [["offers"], ["queues"]];
    case "agents":
      return [["agents"], ["queues"]];
    case "tickets":
      return [["tickets"], ["contact"]];
    case "notifications":
      return [["notifications"]];
    default:
      return [];
  }
}

/** Gathers what is stale, so that many changes at once cost one question. */
class Refresher {
  private readonly waiting = new Map<number, Map<string, QueryKey>>();
  private readonly timers = new Map<number, ReturnType<typeof setTimeout>>();

  constructor(private readonly queries: QueryClient) {}

  add(key: QueryKey): void {
    const wait = LISTS.includes(String(key[0])) ? LATER : SOON;
    const keys = this.waiting.get(wait) ?? new Map<string, QueryKey>();
    keys.set(JSON.stringify(key), key);
    this.waiting.set(wait, keys);
    if (!this.timers.has(wait))
      this.timers.set(
        wait,
        setTimeout(() => this.flush(wait), wait),
      );
  }

  all(): void {
    for (const key of LIVE) this.queries.invalidateQueries({ queryKey: [key] });
  }

  stop(): void {
    for (const timer of this.timers.values()) clearTimeout(timer);
  }

  private flush(wait: number): void {
    const keys = this.waiting.get(wait) ?? new Map();
    this.waiting.delete(wait);
    this.timers.delete(wait);
    for (const queryKey of keys.values()) this.queries.invalidateQueries({ queryKey });
  }
}

/** Whatever is refused since nobody is logged in any more leads to the login. */
function watchSession(queries: QueryClient): () => void {
  const look = (error: unknown) => {
    if (error instanceof Refused && error.status === 401) queries.invalidateQueries({ queryKey: SESSION });
  };
  const leaveQueries = queries.getQueryCache().subscribe((event) => {
    if (event.type === "updated" && event.action.type === "error") look(event.action.error);
  });
  const leaveMutations = queries.getMutationCache().subscribe((event) => {
    if (event.type === "updated" && event.action.type === "error") look(event.action.error);
  });
  return () => {
    leaveQueries();
    leaveMutations();
  };
}
