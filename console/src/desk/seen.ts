/** What this person has looked at, in all tabs of the browser: where it is newer, a conversation is marked as unread. */

import { useCallback, useSyncExternalStore } from "react";
import type { Talk } from "../conversations/queries";

const KEY = "seen conversations";
const MOST = 300;
const listeners = new Set<() => void>();
let kept: Record<string, string> | null = null;

function read(): Record<string, string> {
  if (kept === null) {
    try {
      kept = JSON.parse(localStorage.getItem(KEY) ?? "{}") as Record<string, string>;
    } catch {
      kept = {};
    }
  }
  return kept;
}

/** Everything that the customer said until then was looked at. */
export function markSeen(talk: Talk): void {
  const at = talk.last_customer_at;
  if (!at || (read()[talk.name] ?? "") >= at) return;
  const newest = Object.entries({ ...read(), [talk.name]: at }).sort(([, one], [, other]) =>
    other.localeCompare(one),
  );
  kept = Object.fromEntries(newest.slice(0, MOST));
  try {
    localStorage.setItem(KEY, JSON.stringify(kept));
  } catch {
    // Without storage it is known until the page is left.
  }
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  const elsewhere = (event: StorageEvent) => {
    if (event.key !== KEY) return;
    kept = null;
    listener();
  };
  listeners.add(listener);
  window.addEventListener("storage", elsewhere);
  return () => {
    listeners.delete(listener);
    window.removeEventListener("storage", elsewhere);
  };
}

/** Whether the customer has said something that this person has not looked at. */
export function useUnread(): (talk: Talk) => boolean {
  const seen = useSyncExternalStore(subscribe, read);
  return useCallback(
    (talk) => {
      const wrote = talk.last_customer_at;
      if (wrote === null || (seen[talk.name] ?? "") >= wrote) return false;
      // Whoever has answered has read, on whatever computer.
      const line = talk.last_line;
      return !(line?.direction === "out" && line.author === "agent" && line.at > wrote);
    },
    [seen],
  );
}
