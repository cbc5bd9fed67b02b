/** The frame of all pages: who is logged in, where one can go, and whether the sandbox differs from production. */

import { AppShell, Box, Burger, Group, ScrollArea } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { lazy, Suspense, useEffect } from "react";
import { Outlet, useLocation } from "react-router";
import { SignedIn, useMay, useSessionQuery } from "../api/session";
import { Banner } from "./banner";
import { Bell } from "./bell";
import { Connection } from "./connection";
import { Login } from "./login";
import { Mark } from "./mark";
import { Me } from "./me";
import { Navigation } from "./navigation";
import { Search, SearchButton } from "./search";
import { Waiting } from "./waiting";

const AtWork = lazy(async () => ({ default: (await import("../desk/at-work")).AtWork }));

export function Shell() {
  const session = useSessionQuery();
  const [opened, { toggle, close }] = useDisclosure();
  const { pathname } = useLocation();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the menu closes whenever one goes elsewhere
  useEffect(close, [pathname, close]);
  if (session.isLoading) return <Waiting />;
  // Who was logged in stays so while nobody answers: what they typed must not be lost.
  if (session.error && !session.data) throw session.error;
  if (!session.data) return <Login />;
  return (
    <SignedIn session={session.data}>
      {/* biome-ignore lint/a11y/useValidAnchor: a link is what people look for here, and where it leads is on this page */}
      <a
        href="#content"
        className="skip"
        onClick={(event) => {
          // An address of its own would be a step of the history that pages with unsaved work cannot hold up.
          event.preventDefault();
          document.getElementById("content")?.focus();
        }}
      >
        Skip to the content
      </a>
      <AppShell
        header={{ height: 56 }}
        navbar={{ width: 236, breakpoint: "sm", collapsed: { mobile: !opened } }}
        padding="md"
      >
        <AppShell.Header px={{ base: "xs", sm: "md" }}>
          <Group h="100%" justify="space-between" wrap="nowrap">
            <Group gap="sm" wrap="nowrap">
              <Burger opened={opened} onClick={toggle} hiddenFrom="sm" size="sm" aria-label="Menu" />
              <Mark />
            </Group>
            <Group gap={6} wrap="nowrap">
              <SearchButton />
              <Bell />
              <Me />
            </Group>
          </Group>
        </AppShell.Header>
        <AppShell.Navbar p="xs">
          <ScrollArea type="hover">
            <Navigation />
          </ScrollArea>
        </AppShell.Navbar>
        <AppShell.Main id="content" tabIndex={-1}>
          <Connection />
          <Banner />
          <Box>
            <Outlet />
          </Box>
        </AppShell.Main>
      </AppShell>
      <Search />
      <Suspense>
        <Agents />
      </Suspense>
    </SignedIn>
  );
}

/** Whoever may have conversations is heard of, and hears of offers, on every page. */
function Agents() {
  return useMay("agent") ? <AtWork /> : null;
}
