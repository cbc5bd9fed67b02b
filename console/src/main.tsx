/** The console: starts the pages in the browser. */

import "@mantine/core/styles.css";
import "@mantine/dates/styles.css";
import "@mantine/notifications/styles.css";
import "@mantine/spotlight/styles.css";
import "./console.css";

import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { RouterProvider } from "react-router";
import { Refused } from "./api/client";
import { router } from "./routes";
import { theme } from "./theme";

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // What the API refused it refuses again; who does not answer may do so soon.
      retry: (count, error) => !(error instanceof Refused) && count < 2,
      staleTime: 5_000,
    },
  },
});

const nonce = document.querySelector<HTMLMetaElement>("meta[name=csp-nonce]")?.content ?? "";
// What keeps the page still behind dialogs adds a style of its own, and looks for the nonce under this name.
Object.assign(globalThis, { __webpack_nonce__: nonce });

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={() => nonce}>
      <Notifications position="bottom-left" />
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
