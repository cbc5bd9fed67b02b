/** The customer's phone: the conversation so far, what can be tapped, and a line to write. */

import { ActionIcon, Button, Group, Loader, Text, Textarea, Tooltip } from "@mantine/core";
import { IconArrowBackUp, IconPhoto, IconSend2 } from "@tabler/icons-react";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import type { Schemas } from "../api/client";
import type { Bubble, Line } from "./lines";
import classes from "./phone.module.css";
import type { Act } from "./script";
import { clock } from "./times";

/** What comes with a message when somebody sends a picture here; nobody fetches it. */
const PICTURE = { type: "image", url: "https://images.example.com/picture.jpg" };

export function Phone({
  title,
  lines,
  choices,
  timezone,
  busy,
  disabled,
  act,
}: {
  title: string;
  lines: Line[];
  choices: Schemas["Choice"][];
  timezone: string;
  busy: boolean;
  /** Why nothing can be written now. */
  disabled: string | null;
  act: (act: Act) => void;
}) {
  const [text, setText] = useState("");
  const end = useRef<HTMLDivElement>(null);
  const newest = lines.at(-1)?.key;
  // biome-ignore lint/correctness/useExhaustiveDependencies: whenever there is a new line, it is shown
  useEffect(() => {
    const list = end.current;
    list?.scrollTo({ top: list.scrollHeight });
  }, [newest, lines.length, choices.length]);
  const send = () => {
    if (text.trim() === "" || disabled !== null) return;
    act({ type: "user", text: text.trim() });
    setText("");
  };
  const tap = (title: string, payload: string | null | undefined) => {
    const several = choices.filter((one) => one.title === title).length > 1;
    act({ type: "tap", title, ...(several && payload ? { payload } : {}) });
  };
  const keys = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  };
  return (
    <section className={classes.phone} aria-label="The customer's phone">
      <Group className={classes.head} justify="space-between" wrap="nowrap">
        <Text fw={600} size="sm" truncate>
          {title}
        </Text>
        {busy && <Loader size="xs" aria-label="Playing" />}
      </Group>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
      <div className={classes.lines} ref={end} role="log" aria-label="Conversation" tabIndex={0}>
        {lines.length === 0 && (
          <Text size="sm" c="dimmed" ta="center" mt="xl">
            Write something as the customer. Nothing leaves this page.
          </Text>
        )}
        {lines.map((line) =>
          line.kind === "note" ? (
            <Text key={line.key} className={classes.note} c={line.tone} component="p">
              {line.text}
            </Text>
          ) : (
            <Said key={line.key} line={line} timezone={timezone} tap={tap} act={act} />
          ),
        )}
        {choices.length > 0 && disabled === null && (
          <Group gap={6} mt="sm" justify="flex-end" role="group" aria-label="Quick replies">
            {choices.map((one) => (
              <Button
                key={`${one.title}-${one.payload}`}
                size="compact-sm"
                radius="xl"
                variant="outline"
                onClick={() => tap(one.title, one.payload)}
              >
                {one.title}
              </Button>
            ))}
          </Group>
        )}
      </div>
      <div className={classes.write}>
        {disabled !== null && (
          <Text size="xs" c="dimmed" mb={6}>
            {disabled}
          </Text>
        )}
        <Group gap={6} wrap="nowrap" align="flex-end">
          <Textarea
            aria-label="Message of the customer"
            placeholder="Write as the customer"
            flex={1}
            autosize
            minRows={1}
            maxRows={4}
            disabled={disabled !== null}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            onKeyDown={keys}
          />
          <Tooltip label="Send a picture">
            <ActionIcon
              size="lg"
              aria-label="Send a picture"
              disabled={disabled !== null}
              onClick={() => {
                act({ type: "user", text: text.trim(), attachments: [PICTURE] });
                setText("");
              }}
            >
              <IconPhoto size={18} />
            </ActionIcon>
          </Tooltip>
          <ActionIcon
            size="lg"
            variant="filled"
            color="signal"
            aria-label="Send"
            disabled={disabled !== null || text.trim() === ""}
            onClick={send}
          >
            <IconSend2 size={18} />
          </ActionIcon>
        </Group>
      </div>
    </section>
  );
}

function Said({
  line,
  timezone,
  tap,
  act,
}: {
  line: Bubble;
  timezone: string;
  tap: (title: string, payload: string | null | undefined) => void;
  act: (act: Act) => void;
}) {
  const back = line.side === "customer" && line.step !== null && line.text !== "";
  return (
    <div className={`${classes.row} ${line.step === null ? classes.before : ""}`} data-side={line.side}>
      {back && (
        <Tooltip label="Take it back">
          <ActionIcon
            className={classes.back}
            size="sm"
            aria-label={`Take “${line.text}” back`}
            onClick={() => act({ type: "unsend", text: line.text })}
          >
            <IconArrowBackUp size={14} />
          </ActionIcon>
        </Tooltip>
      )}
      <div
        className={classes.bubble}
        data-side={line.side}
        data-blocked={line.blocked ? true : undefined}
        title={line.at ? clock(line.at, timezone) : undefined}
      >
        {line.who && <div className={classes.who}>{line.who}</div>}
        {line.image && <img className={classes.picture} src={line.image} alt="Sent with the message" />}
        {(line.attachments ?? 0) > 0 && <div>🖼 Picture</div>}
        {line.text}
        {(line.buttons?.length ?? 0) > 0 && (
          <Group gap={6} mt={8}>
            {line.buttons?.map((one) =>
              one.url ? (
                <Button
                  key={one.text}
                  size="compact-xs"
                  variant="default"
                  component="a"
                  href={one.url}
                  target="_blank"
                  rel="noreferrer"
                >
                  {one.text}
                </Button>
              ) : (
                <Button
                  key={one.text}
                  size="compact-xs"
                  variant="default"
                  onClick={() => tap(one.text, one.payload)}
                >
                  {one.text}
                </Button>
              ),
            )}
          </Group>
        )}
        {line.blocked && (
          <Text size="xs" c="red" mt={4}>
            Instagram would not take this: {line.blocked}
          </Text>
        )}
      </div>
    </div>
  );
}
