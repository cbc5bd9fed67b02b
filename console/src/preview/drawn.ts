/** The diagram of what can be reached from where a preview begins. */

import { useQuery } from "@tanstack/react-query";
import { client, told } from "../api/client";
import type { Value } from "../entities/document";
import type { Setting } from "./script";

export function useDrawn(setting: Setting, document: Value) {
  const begin = setting.stored ? `connectors/${setting.stored.position.connector}` : setting.begin;
  const [kind = "", name = ""] = begin.split("/");
  const of = String(setting.of);
  return useQuery({
    queryKey: ["tree", kind, name, of],
    queryFn: () =>
      told(client.GET("/api/v1/tree/{kind}/{name}", { params: { path: { kind, name }, query: { of } } })),
    enabled: document?.[kind]?.[name] !== undefined,
    placeholderData: (before) => before,
  });
}
