/** The kinds of actions of a decision: how each is called, what a new one begins with, and what it does in a line. */

import {
  type Icon,
  IconArrowsSplit2,
  IconCloudDownload,
  IconDeviceFloppy,
  IconMessage,
  IconRepeat,
  IconTarget,
  IconTicket,
} from "@tabler/icons-react";
import type { Path, Value } from "../entities/document";

export interface ActionKind {
  type: string;
  label: string;
  group: "Actions" | "Groups" | "Targets";
  icon: Icon;
  fresh: () => Value;
  /** What this one does, in a line. */
  line: (action: Value) => string;
}

export const ACTIONS: ActionKind[] = [
  {
    type: "send_message",
    label: "Send message",
    group: "Actions",
    icon: IconMessage,
    fresh: () => ({ type: "send_message", text: "" }),
    line: (action) => said(action.text) || (action.image ? "an image" : "no text yet"),
  },
  {
    type: "request",
    label: "Request",
    group: "Actions",
    icon: IconCloudDownload,
    fresh: () => ({ type: "request", url: "", into: "" }),
    line: (action) => `${said(action.into) || "?"} = ${action.method ?? "GET"} ${said(action.url)}`,
  },
  {
    type: "save_data",
    label: "Save data",
    group: "Actions",
    icon: IconDeviceFloppy,
    fresh: () => ({ type: "save_data", field: "", value: "" }),
    line: (action) =>
      `${action.scope === "contact" ? "contact" : "data"}.${said(action.field) || "?"} = ${shown(action.value)}`,
  },
  {
    type: "create_ticket",
    label: "Create ticket",
    group: "Actions",
    icon: IconTicket,
    fresh: () => ({ type: "create_ticket", title: "", category: "" }),
    line: (action) => [said(action.title), said(action.category)].filter(Boolean).join(", in "),
  },
  {
    type: "condition",
    label: "Condition",
    group: "Groups",
    icon: IconArrowsSplit2,
    fresh: () => ({ type: "condition", all: [{ left: "", operator: "equals", right: "" }] }),
    line: conditionLine,
  },
  {
    type: "loop",
    label: "Loop",
    group: "Groups",
    icon: IconRepeat,
    fresh: () => ({ type: "loop", items: "", as: "" }),
    line: (action) => `each ${said(action.as) || "?"} of ${said(action.items) || "?"}`,
  },
  {
    type: "target",
    label: "Target",
    group: "Targets",
    icon: IconTarget,
    fresh: () => ({
      type: "target",
      to: { type: "decision", name: "" },
      execution: "when_client_chooses",
      answer: { type: "button", text: "" },
    }),
    line: (action) => (action.answer ? answerLine({ ...action.answer, default: false }) : "immediately"),
  },
];

export function actionKind(action: Value): ActionKind | undefined {
  return ACTIONS.find((one) => one.type === action?.type);
}

/** The lists of actions inside an action. */
export function listsOf(action: Value): { key: string; label: string }[] {
  switch (action?.type) {
    case "condition":
      return [
        { key: "then", label: "Then" },
        { key: "otherwise", label: "Otherwise" },
      ];
    case "loop":
      return [{ key: "actions", label: "For each" }];
    default:
      return [];
  }
}

/** Every action of a list and of the lists inside, with its path. */
export function* everyAction(
  actions: Value,
  path: Path,
): Generator<{ path: Path; action: Value; when: string }> {
  if (!Array.isArray(actions)) return;
  for (const [index, action] of actions.entries()) {
    const here = [...path, index];
    yield { path: here, action, when: "" };
    for (const { key } of listsOf(action)) {
      const holds = action.type === "condition" ? conditionLine(action) : `each of ${said(action.items)}`;
      const reason = key === "otherwise" ? `not (${holds})` : holds;
      for (const inner of everyAction(action[key], [...here, key]))
        yield { ...inner, when: inner.when ? `${reason}; ${inner.when}` : reason };
    }
  }
}

export function answerLine(answer: Value): string {
  const always = answer.default ? " (default)" : "";
  switch (answer.type) {
    case "pattern":
      return `${said(answer.pattern)}${always}`;
    case "similar":
      return `${said(answer.words)}${always}`;
    case "generated_buttons":
      return `each of ${said(answer.items)}`;
    default:
      return said(answer.text);
  }
}

function conditionLine(action: Value): string {
  const predicates: Value[] = action.all ?? action.any ?? [];
  if (!Array.isArray(predicates)) return "";
  return predicates
    .map((one) =>
      [
        said(one?.left),
        said(one?.operator).replaceAll("_", " "),
        one?.right === undefined ? "" : shown(one.right),
      ]
        .filter(Boolean)
        .join(" "),
    )
    .join(action.any ? " or " : " and ");
}

function said(value: Value): string {
  return typeof value === "string" ? value : value === undefined || value === null ? "" : String(value);
}

function shown(value: Value): string {
  return typeof value === "string" ? (value === "" ? "“”" : value) : (JSON.stringify(value) ?? "");
}
