/** Where one can go in the console, for the menu and for the search. */

import {
  type Icon,
  IconAddressBook,
  IconBrandInstagram,
  IconChartBar,
  IconDeviceMobileMessage,
  IconGitBranch,
  IconHeadset,
  IconHistory,
  IconKey,
  IconLanguage,
  IconLayoutDashboard,
  IconListCheck,
  IconListDetails,
  IconLock,
  IconMessages,
  IconTicket,
  IconUsers,
  IconWebhook,
} from "@tabler/icons-react";
import type { Role } from "../api/session";
import { OTHERS, ROUTINGS } from "../kinds";

export interface Place {
  to: string;
  label: string;
  icon: Icon;
  least: Role;
}

export interface Part {
  title: string;
  places: Place[];
}

export const PARTS: Part[] = [
  {
    title: "Work",
    places: [
      { to: "/", label: "Overview", icon: IconLayoutDashboard, least: "viewer" },
      { to: "/desk", label: "Desk", icon: IconHeadset, least: "agent" },
      { to: "/conversations", label: "Conversations", icon: IconMessages, least: "viewer" },
      { to: "/tickets", label: "Tickets", icon: IconTicket, least: "viewer" },
      { to: "/contacts", label: "Contacts", icon: IconAddressBook, least: "viewer" },
      { to: "/reports", label: "Reports", icon: IconChartBar, least: "viewer" },
    ],
  },
  {
    title: "Routings",
    places: ROUTINGS.map((one) => ({
      to: `/routing/${one.kind}`,
      label: one.many,
      icon: one.icon,
      least: "viewer" as const,
    })),
  },
  {
    title: "Used by routings",
    places: [
      ...OTHERS.map((one) => ({
        to: `/routing/${one.kind}`,
        label: one.many,
        icon: one.icon,
        least: "viewer" as const,
      })),
      { to: "/languages", label: "Languages", icon: IconLanguage, least: "viewer" },
    ],
  },
  {
    title: "Change with care",
    places: [
      { to: "/preview", label: "Preview", icon: IconDeviceMobileMessage, least: "supervisor" },
      { to: "/scenarios", label: "Scenarios", icon: IconListCheck, least: "supervisor" },
      { to: "/apply", label: "Apply", icon: IconGitBranch, least: "supervisor" },
      { to: "/revisions", label: "Revisions", icon: IconHistory, least: "viewer" },
    ],
  },
  {
    title: "Administration",
    places: [
      { to: "/accounts", label: "Instagram accounts", icon: IconBrandInstagram, least: "admin" },
      { to: "/users", label: "Users", icon: IconUsers, least: "admin" },
      { to: "/tokens", label: "API tokens", icon: IconKey, least: "viewer" },
      { to: "/secrets", label: "Secrets", icon: IconLock, least: "admin" },
      { to: "/webhooks", label: "Outgoing webhooks", icon: IconWebhook, least: "admin" },
      { to: "/audit", label: "Audit", icon: IconListDetails, least: "admin" },
    ],
  },
];
