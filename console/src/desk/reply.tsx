/** The box in which an agent writes: replies to the customer, and notes for colleagues. */

import {
  ActionIcon,
  FileButton,
  Group,
  Pill,
  SegmentedControl,
  Text,
  Textarea,
  Tooltip,
} from "@mantine/core";
import { IconPhoto, IconSend2, IconTemplate } from "@tabler/icons-react";
import { type KeyboardEvent, type RefObject, useRef, useState } from "react";
import { client } from "../api/client";
import { type Talk, useProduction } from "../conversations/queries";
import { sendable, useNow } from "../conversations/window";
import classes from "./desk.module.css";
import type { Draft } from "./drafts";
import type { Outbox } from "./outbox";
import { Templates } from "./templates";

const TYPES = "image/png,image/jpeg";
/** Instagram forgets by itself that somebody types. */
const TYPING = 8_000;

export function ReplyBox({
  talk,
  draft,
  change,
  outbox,
  box,
  picking,
  setPicking,
}: {
  talk: Talk;
  draft: Draft;
  change: (make: (draft: Draft) => Draft) => void;
  outbox: Outbox;
  box: RefObject<HTMLTextAreaElement | null>;
  picking: boolean;
  setPicking: (open: boolean) => void;
}) {
  const now = useNow(10_000);
  const production = useProduction();
  const [pictures, setPictures] = useState<File[]>([]);
  const typed = useRef(0);
  const note = draft.mode === "note";
  const may = sendable(talk, now);
  const text = note ? draft.note : draft.reply;
  const withPictures = production?.connectors?.[talk.connector]?.attachments === "both";
  const hindrance =
    talk.state === "ended"
      ? "The conversation has ended."
      : !note && may === "nothing"
        ? "The customer has not written for 7 days: Instagram takes nothing until they do. A note can be written."
        : null;
  const ready = hindrance === null && (text.trim() !== "" || (!note && pictures.length > 0));

  const write = (value: string) => {
    change((before) => ({ ...before, [note ? "note" : "reply"]: value }));
    if (note || value === "" || may === "nothing" || Date.now() - typed.current < TYPING) return;
    typed.current = Date.now();
    // Whether the customer sees it or not, nobody has to wait for it.
    client
      .POST("/api/v1/conversations/{name}/typing", { params: { path: { name: talk.name } } })
      .catch(() => {});
  };
  const send = () => {
    if (!ready) return;
    if (note) outbox.add({ kind: "note", text: text.trim() });
    else {
      const several = pictures.length > 0 ? { pictures: pictures.length } : {};
      outbox.add({ kind: "reply", text: text.trim(), ...several }, pictures);
    }
    change((before) => ({ ...before, [note ? "note" : "reply"]: "" }));
    setPictures([]);
    typed.current = 0;
  };
  const keys = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  };
  const attach = (files: File[]) => withPictures && !note && setPictures((before) => [...before, ...files]);
  return (
    <div className={classes.write} data-note={note || undefined}>
      <Group justify="space-between" gap="xs" mb={6}>
        <SegmentedControl
          size="xs"
          aria-label="What you write"
          data={[
            { value: "reply", label: "Reply" },
            { value: "note", label: "Note" },
          ]}
          value={draft.mode}
          onChange={(mode) => change((before) => ({ ...before, mode: mode as Draft["mode"] }))}
        />
        <Text size="xs" c={hindrance ? "red" : "dimmed"} role="status" flex={1} ta="right">
          {hindrance ??
            (note
              ? "For colleagues only: the customer never sees it"
              : may === "people"
                ? "After the first 24 hours: sent as HUMAN_AGENT"
                : "")}
        </Text>
      </Group>
      {!note && pictures.length > 0 && (
        <Group gap={6} mb={6}>
          {pictures.map((one, index) => (
            <Pill
              key={index}
              withRemoveButton
              removeButtonProps={{ "aria-label": `Leave ${one.name} out`, "aria-hidden": false, tabIndex: 0 }}
              onRemove={() => setPictures(pictures.filter((_, other) => other !== index))}
            >
              {one.name}
            </Pill>
          ))}
        </Group>
      )}
      <Group gap={6} wrap="nowrap" align="flex-end">
        <Textarea
          ref={box}
          aria-label={note ? "Note for colleagues" : "Reply to the customer"}
          placeholder={note ? "Write a note" : "Write a reply, Enter sends"}
          flex={1}
          autosize
          minRows={1}
          maxRows={8}
          maxLength={10_000}
          disabled={talk.state === "ended" && text === ""}
          value={text}
          onChange={(event) => write(event.currentTarget.value)}
          onKeyDown={keys}
          onPaste={(event) =>
            attach([...event.clipboardData.files].filter((one) => TYPES.includes(one.type)))
          }
        />
        {!note && (
          <>
            <Tooltip label="Templates (Alt Shift T)">
              <ActionIcon
                size="lg"
                aria-label="Templates"
                disabled={hindrance !== null}
                onClick={() => setPicking(true)}
              >
                <IconTemplate size={18} />
              </ActionIcon>
            </Tooltip>
            {withPictures && (
              <FileButton accept={TYPES} multiple onChange={attach}>
                {(props) => (
                  <Tooltip label="Send pictures: PNG or JPEG">
                    <ActionIcon {...props} size="lg" aria-label="Send pictures" disabled={hindrance !== null}>
                      <IconPhoto size={18} />
                    </ActionIcon>
                  </Tooltip>
                )}
              </FileButton>
            )}
          </>
        )}
        <ActionIcon
          size="lg"
          variant="filled"
          color={note ? "yellow.8" : "signal"}
          aria-label={note ? "Keep the note" : "Send"}
          disabled={!ready}
          onClick={send}
        >
          <IconSend2 size={18} />
        </ActionIcon>
      </Group>
      {picking && (
        <Templates
          talk={talk}
          onClose={() => setPicking(false)}
          insert={(words) => write(draft.reply === "" ? words : `${draft.reply} ${words}`)}
          send={(name, language, variables) =>
            outbox.add({
              kind: "reply",
              text: "",
              template: { name, variables, ...(language ? { language } : {}) },
            })
          }
        />
      )}
    </div>
  );
}
