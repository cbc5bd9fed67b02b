/** The form of each kind, and what a new entity of it begins with. */

import { type ComponentType, lazy } from "react";
import type { Schemas } from "../../api/client";
import type { Kind } from "../../kinds";
import type { Value } from "../document";
import { Automessage } from "./automessage";
import { Chatbot } from "./chatbot";
import { Connector } from "./connector";
import { Category, OnlyTitle, Queue, Template, Terminate, TimeCondition } from "./plain";
import { TimeGroup } from "./time-group";

const NOWHERE = { type: "terminate", name: "" };

export interface KindForm {
  form: ComponentType;
  fresh: () => Value;
  /** In place of the two columns with the form. */
  editor?: ComponentType<{ kind: Kind; name: string; entity: Schemas["SandboxEntity"] }>;
  /** In place of the form, for those who see production only. */
  reader?: ComponentType<{ name: string; document: Value }>;
}

export const FORMS: Record<string, KindForm> = {
  connectors: { form: Connector, fresh: () => ({ next: NOWHERE }) },
  automessages: {
    form: Automessage,
    fresh: () => ({ messages: [{ time: "PT1M", text: "" }], next: NOWHERE }),
  },
  time_conditions: {
    form: TimeCondition,
    fresh: () => ({ time_group: "", open: { type: "queue", name: "" }, closed: NOWHERE }),
  },
  decision_trees: {
    form: OnlyTitle,
    fresh: () => ({ start: "welcome", decisions: { welcome: { title: "Welcome message" } } }),
    editor: lazy(async () => ({ default: (await import("../../decisions/editor")).TreeEditor })),
    reader: lazy(async () => ({ default: (await import("../../decisions/editor")).TreeReader })),
  },
  chatbots: { form: Chatbot, fresh: () => ({ url: "", fallback: { type: "queue", name: "" } }) },
  queues: { form: Queue, fresh: () => ({}) },
  terminates: { form: Terminate, fresh: () => ({ cause: "user" }) },
  time_groups: {
    form: TimeGroup,
    fresh: () => ({ timezone: Intl.DateTimeFormat().resolvedOptions().timeZone }),
  },
  templates: { form: Template, fresh: () => ({ text: "" }) },
  categories: { form: Category, fresh: () => ({}) },
  custom_fields: { form: OnlyTitle, fresh: () => ({}) },
  disconnection_causes: { form: OnlyTitle, fresh: () => ({}) },
};
