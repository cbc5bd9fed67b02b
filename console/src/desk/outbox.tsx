/** What an agent sends: tried until the API takes it or says no, and shown until the transcript has it. */

import { Button, Group, Loader, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef } from "react";
import { client, Refused, type Schemas, told } from "../api/client";
import { type Said, useTranscript } from "../conversations/queries";
import classes from "../conversations/transcript.module.css";
import type { Draft, Outgoing } from "./drafts";

const AGAIN = 4_000;

export interface Outbox {
  items: Outgoing[];
  add: (one: Omit<Outgoing, "id">, pictures?: File[]) => void;
  again: (id: string) => void;
  drop: (id: string) => void;
}

export function useOutbox(
  conversation: string,
  draft: Draft,
  change: (make: (draft: Draft) => Draft) => void,
): Outbox {
  const queries = useQueryClient();
  const files = useRef(new Map<string, File[]>());
  const going = useRef(new Set<string>());
  const transcript = useTranscript(conversation);
  const outbox = draft.outbox;
  const patch = useCallback(
    (id: string, part: Partial<Outgoing>) =>
      change((before) => ({
        ...before,
        outbox: before.outbox.map((one) => (one.id === id ? { ...one, ...part } : one)),
      })),
    [change],
  );
  const send = useCallback(
    async (one: Outgoing) => {
      if (going.current.has(one.id)) return;
      going.current.add(one.id);
      try {
        const key = await sent(conversation, one, files.current.get(one.id));
        patch(one.id, { key });
        queries.invalidateQueries({ queryKey: ["messages", conversation] });
      } catch (error) {
        // Who does not answer, or is away for a moment, is asked again; it counts once.
        if (error instanceof Refused && error.status !== 503 && error.status !== 401) {
          patch(one.id, { refused: words(error) });
        } else if (!(error instanceof Refused) && error instanceof TypeError) {
          patch(one.id, { refused: error.message });
        }
      } finally {
        going.current.delete(one.id);
      }
    },
    [conversation, patch, queries],
  );
  // Whatever was not taken yet is tried: at once, and again while nobody answers. In order, one at a time.
  const next = outbox.find((one) => one.key === undefined && one.refused === undefined);
  useEffect(() => {
    if (!next) return;
    send(next);
    const timer = setInterval(() => send(next), AGAIN);
    return () => clearInterval(timer);
  }, [next, send]);
  // What the transcript has is not shown twice.
  const written = transcript.data?.pages[0]?.items;
  useEffect(() => {
    if (!written) return;
    const there = (one: Outgoing) => one.key !== undefined && written.some((row) => begins(row, one.key!));
    if (outbox.some(there)) {
      change((before) => ({ ...before, outbox: before.outbox.filter((one) => !there(one)) }));
    }
  }, [written, outbox, change]);
  return {
    items: outbox,
    add(one, pictures) {
      const id = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;
      if (pictures?.length) files.current.set(id, pictures);
      change((before) => ({ ...before, outbox: [...before.outbox, { ...one, id }] }));
    },
    again: (id) => patch(id, { refused: undefined }),
    drop: (id) => change((before) => ({ ...before, outbox: before.outbox.filter((one) => one.id !== id) })),
  };
}

/** Those that are not in the transcript yet, as it will show them. */
export function Unsent({ outbox }: { outbox: Outbox }) {
  return outbox.items.map((one) => (
    <div key={one.id} className={classes.row} data-side="us">
      <div
        className={one.kind === "note" ? classes.note : classes.bubble}
        data-side="us"
        data-author="agent"
        data-trouble={one.refused !== undefined || undefined}
      >
        {one.text || (one.template ? `Template ${one.template.name}` : "")}
        {one.pictures ? ` 🖼 ${one.pictures}` : ""}
      </div>
      {one.refused === undefined ? (
        <Group gap={4} className={classes.under}>
          <Loader size={10} color="gray" />
          {one.key ? "being sent" : "on its way"}
        </Group>
      ) : (
        <Group gap="xs" className={classes.trouble} role="alert">
          <Text size="xs" inherit>
            {one.refused}
          </Text>
          <Button size="compact-xs" variant="default" onClick={() => outbox.again(one.id)}>
            Try again
          </Button>
          <Button size="compact-xs" variant="default" onClick={() => outbox.drop(one.id)}>
            Throw away
          </Button>
        </Group>
      )}
    </div>
  ));
}

/** Send it; answers how the keys of its messages begin. */
async function sent(conversation: string, one: Outgoing, pictures: File[] | undefined): Promise<string> {
  const params = { path: { name: conversation }, header: { "Idempotency-Key": one.id } };
  if (one.kind === "note") {
    const note = await told(
      client.POST("/api/v1/conversations/{name}/note", { params, body: { text: one.text } }),
    );
    return note.key;
  }
  if (one.pictures && !pictures) throw new TypeError("The page was loaded anew: choose the picture again.");
  const reply = await told(
    client.POST("/api/v1/conversations/{name}/reply", {
      params,
      // A form is told from JSON by what is sent, which the types of two kinds of body do not express.
      body: bodyOf(one) as never,
      ...(pictures ? { bodySerializer: () => formOf(one, pictures) } : {}),
    }),
  );
  return (reply as Schemas["Replied"]).key;
}

function bodyOf(one: Outgoing) {
  if (!one.template) return { text: one.text };
  const { name, language, variables } = one.template;
  return { template: name, variables, ...(language ? { language } : {}) };
}

function formOf(one: Outgoing, pictures: File[]): FormData {
  const form = new FormData();
  if (one.text) form.set("text", one.text);
  for (const picture of pictures) form.append("images", picture);
  return form;
}

function begins(row: Said, key: string): boolean {
  return row.key.startsWith(key);
}

function words(error: Refused): string {
  const problems = error.problems.map((one) => `${one.path}: ${one.message}`);
  return [error.message, ...problems].join(" ");
}
