/** A preview written down as a scenario, and a scenario opened as a preview. */

import type { Value } from "../entities/document";
import { type Act, actOf, type Setting, type Step } from "./script";
import { offset, typed } from "./times";

/** Why what was played cannot be a scenario; null where it can. */
export function unwritable(setting: Setting): string | null {
  if (setting.stored) return "It goes on from a real conversation. Scenarios begin at a connector.";
  if (!setting.begin.startsWith("connectors/"))
    return "It begins at a place. Scenarios begin at a connector.";
  return null;
}

/** The document of a scenario: what was done, and what came of it as what is expected. */
export function scenarioOf(title: string, setting: Setting, acts: Act[], steps: Step[]): Value {
  const { name, username } = setting;
  const customer = { ...(username ? { username } : {}), ...(name ? { name } : {}) };
  const requests = [...setting.replies, ...asked(acts, steps)];
  const begun = steps[0]?.began;
  const end = steps.at(-1);
  const ended = steps.some((one) => one.effects.end) && end?.rests?.waits_for === "nothing";
  return {
    title,
    connector: setting.begin.split("/")[1],
    at: begun ? offset(begun, setting.timezone) : setting.at,
    ...(Object.keys(customer).length > 0 ? { customer } : {}),
    ...(Object.keys(setting.contact).length > 0 ? { contact: setting.contact } : {}),
    ...(requests.length > 0 ? { requests } : {}),
    steps: [
      ...steps.flatMap((step) => [...done(actOf(acts, step), step, setting), ...expected(step)]),
      ...(end?.rests && !ended ? [{ place: end.rests.place }] : []),
    ],
  };
}

/** What somebody did, as a step of a scenario. Answers of requests stand elsewhere. */
function done(act: Act | undefined, step: Step, setting: Setting): Value[] {
  switch (act?.type) {
    case "user":
      return [
        { user: act.attachments?.length ? { text: act.text ?? "", attachments: act.attachments } : act.text },
      ];
    case "tap":
      return [{ tap: act.title }];
    case "unsend":
      return [{ unsend: act.text }];
    case "wait":
      return [{ wait: act.duration }];
    case "at":
      return [{ at: offset(step.at, setting.timezone) }];
    case "reply": {
      const { text, buttons, quickreplies, transfer } = act;
      return [
        {
          reply: {
            ...(text ? { text } : {}),
            ...(buttons?.length ? { button: buttons } : {}),
            ...(quickreplies?.length ? { quickreply: quickreplies } : {}),
            ...(transfer ? { transfer } : {}),
          },
        },
      ];
    }
    case "accept":
      return [{ accept: act.agent ?? "agent" }];
    case "agent":
      return [{ agent: act.text ?? "" }];
    case "takeover":
      return [{ takeover: act.text }];
    case "close":
      return [{ close: act.cause ?? "user" }];
    case "transfer":
      return [{ transfer: act.to }];
    default:
      return [];
  }
}

/** What came of a step, as steps that expect it. */
function expected(step: Step): Value[] {
  const { shown, tickets, saved, end } = step.effects;
  const found: Value[] = [];
  for (const { message } of shown) {
    if (message.author === "agent") continue;
    found.push({ bot: message.text.startsWith("~") ? pattern(message.text) : message.text });
    if (message.quick_replies.length > 0)
      found.push({ buttons: message.quick_replies.map((one) => one.title) });
    if (message.buttons.length > 0) found.push({ links: message.buttons.map((one) => one.text) });
    if (message.image) found.push({ image: message.image });
  }
  for (const { ticket } of tickets)
    found.push({ ticket: { title: ticket.title, category: ticket.category } });
  if (Object.keys(saved).length > 0) found.push({ contact: saved });
  if (end) {
    const { terminate, cause, answered } = end;
    found.push({ ends: { ...(terminate ? { terminate } : {}), cause, answered } });
  }
  return found;
}

/** The answers that were given by hand, in their order. */
function asked(acts: Act[], steps: Step[]): Value[] {
  const found: Value[] = [];
  const failing = new Set<Value>();
  const bots: Value[] = [];
  for (const step of steps) {
    const act = actOf(acts, step);
    if (act?.type === "bot_fails" && bots.length > 0)
      failing.add(Object.assign(bots.at(-1), { status: undefined, error: act.error ?? "unreachable" }).url);
    for (const { asked: question, answer } of step.effects.requests) {
      // What was answered without asking stands among the replies already.
      if (!answer || act?.type !== "request") continue;
      const { method, url } = question;
      found.push(
        answer.status
          ? { url, method, status: answer.status, ...(answer.body == null ? {} : { body: answer.body }) }
          : { url, method, error: answer.error ?? "unreachable" },
      );
    }
    for (const bot of step.effects.bots) if (!bot.farewell) bots.push({ url: bot.url, status: 200 });
  }
  // A chatbot takes every message unless something is written down for it; then all of them have to be.
  return [...found, ...bots.filter((one) => failing.has(one.url))].map((one) =>
    Object.fromEntries(Object.entries(one).filter(([, value]) => value !== undefined)),
  );
}

function pattern(text: string): string {
  return `~${text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")}`;
}

/** A kept scenario as a preview: its setting, and the steps that somebody does. */
export function played(document: Value, timezone: string): { setting: Partial<Setting>; acts: Act[] } {
  const setting: Partial<Setting> = {
    begin: `connectors/${document.connector}`,
    at: typed(document.at, timezone),
    timezone,
    name: document.customer?.name ?? "",
    username: document.customer?.username ?? "",
    contact: document.contact ?? {},
    replies: document.requests ?? [],
    requests: "unreachable",
  };
  return { setting, acts: (document.steps ?? []).flatMap(acted) };
}

function acted(step: Value): Act[] {
  const [[key, value] = ["", null]] = Object.entries<Value>(step);
  switch (key) {
    case "user":
      return [
        typeof value === "string" || Array.isArray(value)
          ? { type: "user", text: value }
          : { type: "user", text: value.text, attachments: value.attachments, sent_at: value.at },
      ];
    case "tap":
      return [{ type: "tap", title: value }];
    case "unsend":
      return [{ type: "unsend", text: value }];
    case "wait":
      return [{ type: "wait", duration: value }];
    case "at":
      return [{ type: "at", at: value }];
    case "reply":
      return [
        {
          type: "reply",
          text: value.text,
          buttons: value.button ?? [],
          quickreplies: value.quickreply ?? [],
          transfer: value.transfer ?? value.queue,
        },
      ];
    case "accept":
      return [{ type: "accept", agent: value }];
    case "agent":
      return [{ type: "agent", text: value }];
    case "takeover":
      return [{ type: "takeover", text: value }];
    case "close":
      return [{ type: "close", cause: value }];
    case "transfer":
      return [{ type: "transfer", to: value }];
    default:
      return [];
  }
}
