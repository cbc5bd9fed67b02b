/** The kinds of entities that people author, in the words of the documentation. */

import {
  type Icon,
  IconAddressBook,
  IconBinaryTree,
  IconCalendarTime,
  IconClockHour4,
  IconDoorExit,
  IconInbox,
  IconMessage2Bolt,
  IconPlugConnected,
  IconRobot,
  IconTags,
  IconTemplate,
  IconZoomQuestion,
} from "@tabler/icons-react";

export interface Kind {
  /** The key in the document and in addresses. */
  kind: string;
  /** The type of a destination that leads there, if there is one. */
  type?: string;
  one: string;
  many: string;
  about: string;
  icon: Icon;
  /** Whether there is a diagram of what can be reached from here. */
  tree?: boolean;
}

export const KINDS: Kind[] = [
  {
    kind: "connectors",
    one: "connector",
    many: "Connectors",
    about: "Where the messages of an Instagram account go.",
    icon: IconPlugConnected,
    tree: true,
  },
  {
    kind: "automessages",
    type: "automessage",
    one: "automessage",
    many: "Automessages",
    about: "Messages that are sent at their time, whatever the customer does.",
    icon: IconMessage2Bolt,
    tree: true,
  },
  {
    kind: "time_conditions",
    type: "time_condition",
    one: "time condition",
    many: "Time conditions",
    about: "Different ways for open and closed hours.",
    icon: IconClockHour4,
    tree: true,
  },
  {
    kind: "decision_trees",
    type: "decision_tree",
    one: "decision tree",
    many: "Decision trees",
    about: "Chatbots that are drawn by hand.",
    icon: IconBinaryTree,
    tree: true,
  },
  {
    kind: "chatbots",
    type: "chatbot",
    one: "chatbot",
    many: "Chatbots",
    about: "Chatbots of third parties, reached by HTTP.",
    icon: IconRobot,
    tree: true,
  },
  {
    kind: "queues",
    type: "queue",
    one: "queue",
    many: "Queues",
    about: "Where conversations wait for an agent.",
    icon: IconInbox,
    tree: true,
  },
  {
    kind: "terminates",
    type: "terminate",
    one: "terminate",
    many: "Terminates",
    about: "How conversations end.",
    icon: IconDoorExit,
    tree: true,
  },
  {
    kind: "time_groups",
    one: "time group",
    many: "Time groups",
    about: "Opening hours and holidays.",
    icon: IconCalendarTime,
  },
  {
    kind: "templates",
    one: "template",
    many: "Templates",
    about: "Texts that are used in several places.",
    icon: IconTemplate,
  },
  {
    kind: "categories",
    one: "category",
    many: "Categories",
    about: "What tickets are about.",
    icon: IconTags,
  },
  {
    kind: "custom_fields",
    one: "custom field",
    many: "Custom fields",
    about: "What is kept about a customer.",
    icon: IconAddressBook,
  },
  {
    kind: "disconnection_causes",
    one: "disconnection cause",
    many: "Disconnection causes",
    about: "Why conversations ended, for reports.",
    icon: IconZoomQuestion,
  },
];

export const ROUTINGS = KINDS.filter((one) => one.kind === "connectors" || one.type !== undefined);
export const OTHERS = KINDS.filter((one) => !ROUTINGS.includes(one));

export function kindOf(kind: string): Kind | undefined {
  return KINDS.find((one) => one.kind === kind);
}

/** The kind that a destination of this type is of. */
export function kindOfType(type: string): Kind | undefined {
  return KINDS.find((one) => one.type === type);
}
