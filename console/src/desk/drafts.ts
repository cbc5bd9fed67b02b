/** What was typed and not sent yet, kept for each conversation while this tab of the browser lives. */

import { useCallback, useState } from "react";

/** Something on its way to the API; `id` makes it count once however often it is tried. */
export interface Outgoing {
  id: string;
  kind: "reply" | "note";
  text: string;
  template?: { name: string; language?: string; variables: Record<string, string> };
  /** So many pictures; they themselves are kept only as long as the page is. */
  pictures?: number;
  /** Begins the keys of its messages, once the conversation has accepted it. */
  key?: string;
  /** What the API said against it. */
  refused?: string;
}

export interface Draft {
  mode: "reply" | "note";
  reply: string;
  note: string;
  outbox: Outgoing[];
}

const EMPTY: Draft = { mode: "reply", reply: "", note: "", outbox: [] };

export function readDraft(conversation: string): Draft {
  try {
    return { ...EMPTY, ...JSON.parse(sessionStorage.getItem(`draft ${conversation}`) ?? "{}") };
  } catch {
    return EMPTY;
  }
}

export function writeDraft(conversation: string, draft: Draft): void {
  const key = `draft ${conversation}`;
  try {
    if (draft.reply === "" && draft.note === "" && draft.outbox.length === 0) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, JSON.stringify(draft));
  } catch {
    // Without storage it is kept for as long as the page is.
  }
}

/** The draft of one conversation; give the component that uses it the conversation as its `key`. */
export function useDraft(conversation: string): [Draft, (change: (draft: Draft) => Draft) => void] {
  const [draft, setDraft] = useState(() => readDraft(conversation));
  const change = useCallback(
    (make: (draft: Draft) => Draft) =>
      setDraft((before) => {
        const after = make(before);
        writeDraft(conversation, after);
        return after;
      }),
    [conversation],
  );
  return [draft, change];
}
