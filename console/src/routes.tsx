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
        { path: "*", element: <Missing /> },
      ],
    },
  ],
  { basename: "/console" },
);
