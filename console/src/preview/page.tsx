/** Preview: opened anew, at a stored position of a conversation, or with a scenario. */

import { Alert, Loader, Stack, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { useSearchParams } from "react-router";
import { client, told } from "../api/client";
import type { Value } from "../entities/document";
import { remembered } from "./kept";
import { Playing } from "./playing";
import { played } from "./scenario";
import { type Act, type Setting, useDocument } from "./script";
import { ofWritten } from "./setting";
import { typed } from "./times";

export function PreviewPage() {
  useEffect(() => {
    document.title = "Preview · Switchboard";
  }, []);
  const [query] = useSearchParams();
  const conversation = query.get("conversation");
  const step = query.get("step");
  const scenario = query.get("scenario");
  const stored = useQuery({
    queryKey: ["position", conversation, step],
    queryFn: () =>
      told(
        client.GET("/api/v1/conversations/{name}/position", {
          params: { path: { name: conversation ?? "" }, query: step ? { step: Number(step) } : {} },
        }),
      ),
    enabled: conversation !== null,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const kept = useQuery({
    queryKey: ["scenarios", "one", scenario],
    queryFn: () =>
      told(client.GET("/api/v1/scenarios/{name}", { params: { path: { name: scenario ?? "" } } })),
    enabled: scenario !== null,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const of = stored.data?.revision || ofWritten(query.get("of") ?? "sandbox");
  const about = useDocument(of);
  const error = stored.error ?? kept.error ?? about.error;
  if (error) {
    return (
      <Stack>
        <Title order={1} size="h2">
          Preview
        </Title>
        <Alert color="red" title="It cannot be opened">
          {error.message}
        </Alert>
      </Stack>
    );
  }
  if (stored.isLoading || kept.isLoading || about.isLoading) return <Loader aria-label="Loading" />;
  const timezone = zoneOf(about.data);
  const setting: Setting = {
    of,
    at: stored.data?.at ?? typed(new Date(), timezone).slice(0, 16),
    timezone,
    begin: query.get("begin") ?? firstOf(about.data),
    name: "Jana",
    username: "jana",
    contact: {},
    tickets: "created",
    replies: [],
    requests: stored.data ? "recorded" : "ask",
    stored: stored.data ?? null,
  };
  const address = query.toString();
  const opened =
    remembered(address) ??
    (kept.data ? played(kept.data.document, timezone) : { setting: {}, acts: [] as Act[] });
  return (
    <Playing
      key={address}
      address={address}
      given={{ ...setting, ...opened.setting }}
      done={opened.acts}
      scenario={kept.data ? { name: kept.data.name, title: (kept.data.document as Value).title } : null}
    />
  );
}

/** The zone in which the business lives, as its first time group says. */
function zoneOf(document: Value): string {
  const [group] = Object.values<Value>(document?.time_groups ?? {});
  const zone = group?.timezone;
  return typeof zone === "string" ? zone : Intl.DateTimeFormat().resolvedOptions().timeZone;
}

function firstOf(document: Value): string {
  const [name] = Object.keys(document?.connectors ?? {});
  return name === undefined ? "" : `connectors/${name}`;
}
