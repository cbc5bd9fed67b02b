/** Which page is at which address; each page is loaded when it is first opened. */

import { createBrowserRouter } from "react-router";
import { Broken } from "./shell/broken";
import { Missing } from "./shell/missing";
import { Shell } from "./shell/shell";
import { Waiting } from "./shell/waiting";

export const router = createBrowserRouter(
  [
    {
      path: "/",
      element: <Shell />,
      errorElement: <Broken />,
      HydrateFallback: Waiting,
      children: [
        { index: true, lazy: async () => ({ Component: (await import("./pages/overview")).Overview }) },
        {
          path: "routing/:kind",
          lazy: async () => ({ Component: (await import("./entities/list")).EntityList }),
        },
        {
          path: "routing/:kind/:name",
          lazy: async () => ({ Component: (await import("./entities/page")).EntityPage }),
        },
        {
          path: "trees/:kind/:name",
          lazy: async () => ({ Component: (await import("./trees/page")).TreePage }),
        },
        { path: "preview", lazy: async () => ({ Component: (await import("./preview/page")).PreviewPage }) },
        {
          path: "scenarios",
          lazy: async () => ({ Component: (await import("./changes/scenarios")).ScenariosPage }),
        },
        { path: "apply", lazy: async () => ({ Component: (await import("./changes/apply")).ApplyPage }) },
        {
          path: "revisions",
          lazy: async () => ({ Component: (await import("./changes/revisions")).RevisionsPage }),
        },
        {
          path: "revisions/:number",
          lazy: async () => ({ Component: (await import("./changes/revision")).RevisionPage }),
        },
        {
          path: "languages",
          lazy: async () => ({ Component: (await import("./entities/languages")).LanguagesPage }),
        },
        { path: "accounts", lazy: async () => ({ Component: (await import("./admin/accounts")).Accounts }) },
        { path: "users", lazy: async () => ({ Component: (await import("./admin/users")).Users }) },
        { path: "users/:name", lazy: async () => ({ Component: (await import("./admin/user")).User }) },
        { path: "tokens", lazy: async () => ({ Component: (await import("./admin/tokens")).Tokens }) },
        { path: "secrets", lazy: async () => ({ Component: (await import("./admin/secrets")).Secrets }) },
        { path: "webhooks", lazy: async () => ({ Component: (await import("./admin/webhooks")).Webhooks }) },
        {
          path: "webhooks/:id",
          lazy: async () => ({ Component: (await import("./admin/webhook")).WebhookPage }),
        },
        { path: "audit", lazy: async () => ({ Component: (await import("./admin/audit")).Audit }) },
        { path: "me", lazy: async () => ({ Component: (await import("./admin/me")).Me }) },
        { path: "tickets", lazy: async () => ({ Component: (await import("./tickets/list")).Tickets }) },
        {
          path: "tickets/:number",
          lazy: async () => ({ Component: (await import("./tickets/ticket")).TicketPage }),
        },
        { path: "contacts", lazy: async () => ({ Component: (await import("./contacts/list")).Contacts }) },
        {
          path: "contacts/:id",
          lazy: async () => ({ Component: (await import("./contacts/contact")).ContactPage }),
        },
        { path: "reports", lazy: async () => ({ Component: (await import("./reports/page")).Reports }) },
        { path: "desk", lazy: async () => ({ Component: (await import("./desk/page")).DeskPage }) },
        {
          path: "conversations",
          lazy: async () => ({ Component: (await import("./conversations/list")).ConversationList }),
        },
        {
          path: "conversations/:name",
          lazy: async () => ({ Component: (await import("./conversations/page")).ConversationPage }),
        },
        { path: "*", element: <Missing /> },
      ],
    },
  ],
  { basename: "/console" },
);
