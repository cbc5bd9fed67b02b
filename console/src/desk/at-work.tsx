/** Runs on every page for those who may have conversations: says that they are there, and rings. */

import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { useLocation } from "react-router";
import { client, told } from "../api/client";
import { nameOf } from "../conversations/queries";
import classes from "./desk.module.css";
import { OfferCard } from "./offers";
import { ME, useMe, useOffers } from "./queries";
import { useRing } from "./ring";

export function AtWork() {
  const me = useMe();
  const { pathname } = useLocation();
  const here = me.data !== undefined && (me.data.state !== "offline" || me.data.lost);
  useHeartbeat(here);
  const offers = useOffers(me.data?.state === "ready");
  const items = offers.data?.items ?? [];
  const first = items[0];
  useRing(first ? `☎ ${nameOf(first.conversation.customer)}` : null);
  // The desk has a place of its own for them.
  if (items.length === 0 || pathname === "/desk") return null;
  return (
    <section className={classes.floating} aria-label="Offered to you">
      {items.map((one) => (
        <OfferCard key={one.conversation.name} offer={one} />
      ))}
    </section>
  );
}

function useHeartbeat(on: boolean): void {
  const queries = useQueryClient();
  useEffect(() => {
    if (!on) return;
    const beat = async () => {
      try {
        queries.setQueryData(ME, await told(client.POST("/api/v1/agents/me/heartbeat")));
      } catch (error) {
        // It is said again in 15 seconds; that nobody answers, the page says already.
        console.info("the heartbeat was not heard:", error);
      }
    };
    beat();
    const worker = new Worker(new URL("./ticking.ts", import.meta.url), { type: "module" });
    worker.onmessage = beat;
    return () => worker.terminate();
  }, [on, queries]);
}
