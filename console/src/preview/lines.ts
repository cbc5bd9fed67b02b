/** What the phone shows: messages, and between them what happened otherwise. */

import type { Schemas } from "../api/client";
import { lasting } from "../words";
import { type Act, actOf, type Setting, type Step } from "./script";
import { wall } from "./times";

export interface Bubble {
  kind: "bubble";
  key: string;
  side: "customer" | "us";
  text: string;
  at: string | null;
  /** Who of us says it, where that is not the graph. */
  who?: string;
  image?: string | null;
  buttons?: Schemas["Button"][];
  blocked?: string | null;
  attachments?: number;
  /** Number of the step of the preview; null for what was before. */
  step: number | null;
}

export interface Note {
  kind: "note";
  key: string;
  text: string;
  tone: "dimmed" | "red";
  step: number | null;
}

export type Line = Bubble | Note;

/** From so many seconds on it is said that time has passed. */
const TOLD = 5;

export function linesOf(setting: Setting, acts: Act[], steps: Step[]): Line[] {
  const before: Line[] = (setting.stored?.position.lines ?? []).map((line, index) => ({
    kind: "bubble",
    key: `before-${index}`,
    side: line.direction === "in" ? "customer" : "us",
    text: line.text ?? "",
    at: line.time,
    step: null,
  }));
  return [...before, ...steps.flatMap((step) => linesOfStep(step, actOf(acts, step), setting.timezone))];
}

function linesOfStep(step: Step, act: Act | undefined, timezone: string): Line[] {
  const found: Line[] = [];
  const key = (what: string) => `${step.number}-${what}`;
  const note = (what: string, text: string, tone: Note["tone"] = "dimmed") =>
    found.push({ kind: "note", key: key(what), text, tone, step: step.number });
  const customer = (text: string, attachments = 0) =>
    found.push({
      kind: "bubble",
      key: key(`in-${found.length}`),
      side: "customer",
      text,
      at: step.began,
      attachments,
      step: step.number,
    });
  if (act?.type === "user") {
    const texts = typeof act.text === "string" || act.text === undefined ? [act.text ?? ""] : act.text;
    texts.forEach((text, index) => {
      customer(text, index === 0 ? (act.attachments?.length ?? 0) : 0);
    });
  } else if (act?.type === "tap") customer(act.title ?? act.payload ?? "");
  else if (act?.type === "unsend") note("unsent", `The customer takes “${act.text}” back`);
  else if (act?.type === "accept") note("accept", `${act.agent ?? "An agent"} accepts`);
  else if (act?.type === "close") note("close", `Closed: ${act.cause ?? "user"}`);
  else if (act?.type === "transfer") note("transfer", `Sent to ${act.to}`);
  else if (act?.type === "bot_fails") note("fails", "The chatbot fails");
  let now = step.began;
  const passes = (to: string) => {
    const passed = (new Date(to).getTime() - new Date(now).getTime()) / 1000;
    if (passed >= TOLD) note(`time-${to}`, `${lasting(passed)} pass: ${wall(to, timezone)}`);
    now = to;
  };
  for (const [index, one] of step.effects.shown.entries()) {
    const { message, at, blocked } = one;
    passes(at);
    found.push({
      kind: "bubble",
      key: key(`out-${index}`),
      side: "us",
      text: message.text,
      at,
      who:
        message.author === "graph"
          ? undefined
          : (message.agent ?? (message.sent ? "Instagram app" : message.author)),
      image: message.image ?? message.images[0],
      buttons: message.buttons,
      blocked,
      step: step.number,
    });
  }
  passes(step.at);
  step.effects.tickets.forEach(({ ticket, number }, index) => {
    const told = number === null ? "A ticket could not be created" : `Ticket ${number}`;
    note(`ticket-${index}`, `${told}: ${ticket.title}`);
  });
  const { end } = step.effects;
  if (end) note("end", `The conversation has ended: ${end.terminate ?? end.cause}`);
  for (const [index, problem] of step.problems.entries()) note(`problem-${index}`, problem, "red");
  return found;
}

/** What can be tapped under the newest message: its quick replies, or what Instagram offers before anything is said. */
export function offered(steps: Step[], iceBreakers: string[]): Schemas["Choice"][] {
  const last = steps.at(-1);
  if (last?.rests && last.rests.waits_for !== "nothing") {
    const inBubbles = new Set(
      steps.flatMap((one) =>
        one.effects.shown.flatMap((shown) => shown.message.buttons.map((it) => it.payload)),
      ),
    );
    return last.rests.choices.filter((one) => !one.listed && !inBubbles.has(one.payload));
  }
  return iceBreakers.map((title) => ({ title, payload: "", listed: false }));
}
