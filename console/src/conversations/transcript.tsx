/** What was said in a conversation, as bubbles, with notes set apart and what became of each message. */

import { Button, Loader, Text } from "@mantine/core";
import { useLayoutEffect, useMemo, useRef } from "react";
import { Bubble } from "./bubble";
import { type Said, useTranscript } from "./queries";
import classes from "./transcript.module.css";

const DAY = new Intl.DateTimeFormat(undefined, {
  weekday: "long",
  day: "numeric",
  month: "long",
  year: "numeric",
});
/** Notes that belong to a message, and are shown with it. */
const ASIDE = ["reaction", "edit", "seen"];
/** So many pixels from the end one still follows what is new. */
const NEAR = 80;

export function Transcript({
  name,
  customer,
  children,
}: {
  name: string;
  customer: string;
  /** What is being sent. */
  children?: React.ReactNode;
}) {
  const transcript = useTranscript(name);
  const messages = useMemo(
    () => (transcript.data?.pages.flatMap((page) => page.items) ?? []).toReversed(),
    [transcript.data],
  );
  const about = useMemo(() => aboutOf(messages), [messages]);
  const list = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  const before = useRef({ first: "", height: 0 });
  // biome-ignore lint/correctness/useExhaustiveDependencies: whatever changes the height
  useLayoutEffect(() => {
    const box = list.current;
    if (!box) return;
    const first = messages[0]?.key ?? "";
    const older = before.current.first !== "" && before.current.first !== first && !follows.current;
    if (follows.current) box.scrollTop = box.scrollHeight;
    else if (older) box.scrollTop += box.scrollHeight - before.current.height;
    before.current = { first, height: box.scrollHeight };
  }, [messages, children]);
  const shown = messages.filter((one) => !(ASIDE.includes(one.kind) && one.about !== null));
  return (
    <div
      ref={list}
      className={classes.lines}
      role="log"
      aria-label="Messages"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
      tabIndex={0}
      onScroll={({ currentTarget: box }) => {
        follows.current = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR;
      }}
      // A picture that arrives late must not push the newest message out of sight.
      onLoadCapture={() => {
        if (follows.current && list.current) list.current.scrollTop = list.current.scrollHeight;
      }}
    >
      {transcript.isLoading && <Loader size="sm" aria-label="Loading messages" mx="auto" my="md" />}
      {transcript.error && !transcript.data && (
        <Text c="red" size="sm" role="alert">
          {transcript.error.message}
        </Text>
      )}
      {transcript.hasNextPage && (
        <Button
          variant="subtle"
          size="compact-sm"
          mx="auto"
          loading={transcript.isFetchingNextPage}
          onClick={() => transcript.fetchNextPage()}
        >
          Earlier messages
        </Button>
      )}
      {transcript.data && messages.length === 0 && (
        <Text c="dimmed" size="sm" ta="center">
          Nothing was said yet.
        </Text>
      )}
      {shown.map((one, index) => {
        const last = shown[index - 1];
        const day = DAY.format(new Date(one.at));
        return (
          <div key={one.key} className={classes.entry}>
            {(!last || DAY.format(new Date(last.at)) !== day) && <div className={classes.day}>{day}</div>}
            <Bubble
              message={one}
              about={about.get(one.key) ?? NOTHING}
              answered={one.about ? messages.find((other) => other.key === one.about) : undefined}
              customer={customer}
              follows={last !== undefined && sameVoice(last, one)}
            />
          </div>
        );
      })}
      {children}
    </div>
  );
}

const NOTHING: Said[] = [];

function aboutOf(messages: Said[]): Map<string, Said[]> {
  const found = new Map<string, Said[]>();
  for (const one of messages) {
    if (one.about === null || !ASIDE.includes(one.kind)) continue;
    found.set(one.about, [...(found.get(one.about) ?? []), one]);
  }
  return found;
}

function sameVoice(one: Said, other: Said): boolean {
  return (
    one.direction === other.direction &&
    one.author === other.author &&
    one.agent === other.agent &&
    new Date(other.at).getTime() - new Date(one.at).getTime() < 5 * 60_000
  );
}
