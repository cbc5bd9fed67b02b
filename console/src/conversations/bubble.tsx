/** One message: its words, pictures and files, who said it, and what became of it. */

import { Anchor, Badge, Group, Text, Tooltip } from "@mantine/core";
import {
  IconAlertTriangle,
  IconArrowForwardUp,
  IconCheck,
  IconClock,
  IconNote,
  IconPaperclip,
} from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { time } from "../words";
import type { Said } from "./queries";
import classes from "./transcript.module.css";

const CLOCK = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const WHO: Record<string, string> = { graph: "Automatic", bot: "Chatbot", app: "In the Instagram app" };
/** What became of a message that did not arrive as it should. */
const TROUBLE: Record<string, string> = {
  unknown: "Nobody knows yet whether Instagram has it",
  undecided: "Nobody can find out whether Instagram has it, so it is not sent again",
  blocked: "Not sent",
  failed: "Instagram refused it",
};
const NOTES: Record<string, string> = {
  standby: "While another app had the conversation",
  handover: "The conversation went to another app, or came back",
  seen: "The customer has read everything up to here",
  reaction: "A reaction to an earlier message",
  edit: "An earlier message was changed",
};

export function Bubble({
  message,
  about,
  answered,
  customer,
  follows,
}: {
  message: Said;
  /** Reactions, edits and whether it was seen. */
  about: Said[];
  /** The message that this one answers. */
  answered: Said | undefined;
  customer: string;
  /** The one before has the same voice, so that nobody has to be named again. */
  follows: boolean;
}) {
  if (message.direction === "note") return <Note message={message} />;
  const side = message.direction === "in" ? "customer" : "us";
  const who = side === "customer" ? customer : (message.agent ?? WHO[message.author] ?? message.author);
  const edits = about.filter((one) => one.kind === "edit");
  const text = edits.at(-1)?.text ?? message.text;
  const trouble = TROUBLE[message.state];
  const gone = message.state === "deleted";
  return (
    <div className={classes.row} data-side={side}>
      {!follows && (
        <Text size="xs" className={classes.who}>
          {who}
        </Text>
      )}
      <div
        className={classes.bubble}
        data-side={side}
        data-author={message.author}
        data-trouble={trouble !== undefined || undefined}
        title={time(message.at)}
      >
        {answered?.text && <div className={classes.quoted}>{answered.text}</div>}
        {message.story && <Enclosed file={message.story} what="Story" />}
        {gone ? <em>{side === "customer" ? "The customer took this back" : "This was taken back"}</em> : text}
        {message.unsupported && <em>Something that Instagram shows to no app</em>}
        {message.images.map((one) => (
          <Picture key={one} url={one} title="Picture" />
        ))}
        {message.files.map((one, index) => (
          <Enclosed key={index} file={one} what="File" />
        ))}
        {(message.quick_replies.length > 0 || message.buttons.length > 0) && (
          <Group gap={4} mt={6}>
            {message.quick_replies.map((one) => (
              <span key={one} className={classes.choice}>
                {one}
              </span>
            ))}
            {message.buttons.map((one) => (
              <span key={one.text} className={classes.choice}>
                {one.text}
              </span>
            ))}
          </Group>
        )}
      </div>
      <Reactions about={about} />
      <Group gap={6} className={classes.under} wrap="nowrap">
        <span>{CLOCK.format(new Date(message.at))}</span>
        {message.payload && <span>tapped</span>}
        {edits.length > 0 && (
          <Tooltip label={`At first: ${message.text ?? ""}`} multiline maw={320}>
            <span>edited</span>
          </Tooltip>
        )}
        {message.tag && (
          <Tooltip label="Sent by a person after the first 24 hours, marked as such">
            <Badge size="xs" variant="light" color="grape">
              {message.tag}
            </Badge>
          </Tooltip>
        )}
        {side === "us" && <Fate message={message} seen={about.some((one) => one.kind === "seen")} />}
      </Group>
      {trouble && (
        <Group gap={4} wrap="nowrap" align="flex-start" className={classes.trouble}>
          <IconAlertTriangle size={14} aria-hidden className={classes.sign} />
          <Text size="xs" inherit>
            {trouble}
            {message.reason ? `: ${message.reason}` : ""}
          </Text>
        </Group>
      )}
    </div>
  );
}

function Fate({ message, seen }: { message: Said; seen: boolean }) {
  if (seen) return <span>seen</span>;
  if (message.state === "sent") return <IconCheck size={13} aria-label="sent" />;
  if (message.state === "pending" || message.state === "sending") {
    return (
      <Tooltip label={message.reason ?? "It is being sent"}>
        <IconClock size={13} aria-label="being sent" />
      </Tooltip>
    );
  }
  return null;
}

function Reactions({ about }: { about: Said[] }) {
  const last = about.findLast((one) => one.kind === "reaction");
  if (!last || last.action === "unreact") return null;
  return (
    <span className={classes.reaction} role="img" aria-label={`Reaction: ${last.text ?? "a heart"}`}>
      {last.text ?? "❤"}
    </span>
  );
}

function Note({ message }: { message: Said }) {
  if (message.kind === "note") {
    return (
      <div className={classes.note}>
        <Group gap={6} mb={2}>
          <IconNote size={14} aria-hidden />
          <Text size="xs" fw={600}>
            Note by {message.agent ?? "a colleague"}, {CLOCK.format(new Date(message.at))}
          </Text>
        </Group>
        {message.text}
      </div>
    );
  }
  return (
    <Text className={classes.aside} size="xs">
      {NOTES[message.kind] ?? message.kind}
      {message.text ? `: ${message.text}` : ""} · {CLOCK.format(new Date(message.at))}
    </Text>
  );
}

function Enclosed({ file, what }: { file: NonNullable<Said["story"]>; what: string }) {
  const name = file.title ?? file.type;
  if (file.url === null) {
    return (
      <span className={classes.missing}>
        {what}: {name} is not kept{file.reason ? `, ${file.reason}` : ""}
      </span>
    );
  }
  if (file.type.startsWith("image")) return <Picture url={file.url} title={name} />;
  if (file.type.startsWith("audio")) {
    // biome-ignore lint/a11y/useMediaCaption: customers send no captions
    return <audio src={file.url} controls aria-label={name} className={classes.media} />;
  }
  if (file.type.startsWith("video")) {
    // biome-ignore lint/a11y/useMediaCaption: customers send no captions
    return <video src={file.url} controls aria-label={name} className={classes.media} />;
  }
  return <Away url={file.url}>{`${what}: ${name}`}</Away>;
}

function Picture({ url, title }: { url: string; title: string }) {
  const [broken, setBroken] = useState(false);
  if (broken) return <Away url={url}>{title}</Away>;
  return (
    <a href={url} target="_blank" rel="noreferrer" aria-label={`Open ${title}`}>
      <img className={classes.picture} src={url} alt={title} onError={() => setBroken(true)} />
    </a>
  );
}

function Away({ url, children }: { url: string; children: ReactNode }) {
  return (
    <Anchor href={url} target="_blank" rel="noreferrer" inherit c="inherit" td="underline" display="block">
      <IconPaperclip size={13} aria-hidden /> {children} <IconArrowForwardUp size={13} aria-hidden />
    </Anchor>
  );
}
