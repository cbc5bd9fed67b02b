/** An entity of the sandbox while somebody edits it: what was seen, what is written, and saving without losing anything. */

import { useDebouncedValue } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { client, type Problem, Refused, type Schemas, told } from "../api/client";
import type { Kind } from "../kinds";
import { same, type Value } from "./document";
import { type History, useHistory } from "./history";

type Entity = Schemas["SandboxEntity"];

export interface Draft extends History {
  kind: Kind;
  name: string;
  entity: Entity;
  /** The version that the draft began with, or was saved as. */
  seen: Entity["sandbox"];
  unsaved: boolean;
  /** What is wrong with it as it is written; paths begin at the root of the configuration. */
  problems: Problem[];
  save: (etag?: string) => void;
  saving: boolean;
  saveError: Error | null;
  /** What somebody else has saved meanwhile. */
  conflict: Entity | null;
  takeTheirs: () => void;
  closeConflict: () => void;
  remove: () => void;
  removing: boolean;
  removeError: Error | null;
}

export function entityKey(kind: string, name: string) {
  return ["entity", kind, name];
}

export function useDraft(kind: Kind, name: string, entity: Entity): Draft {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [seen, setSeen] = useState(entity.sandbox);
  const history = useHistory(entity.sandbox.document);
  const [conflict, setConflict] = useState<Entity | null>(null);
  const { document, replace } = history;
  const unsaved = !same(document, seen.document);
  const path = { kind: kind.kind as never, name };

  const save = useMutation({
    mutationFn: ({ etag, sent }: { etag: string; sent: Value }) =>
      told(
        client.PUT("/api/v1/sandbox/{kind}/{name}", {
          params: { path, header: { "if-match": etag } },
          body: sent,
        }),
      ),
    onSuccess: (saved, { sent }) => {
      setSeen(saved.sandbox);
      // What was written while it was saved stays as it is.
      if (sent === document) replace(saved.sandbox.document);
      setConflict(null);
      queries.setQueryData(entityKey(kind.kind, name), saved);
      queries.invalidateQueries();
      notifications.show({ message: "Saved in the sandbox", color: "green" });
    },
    onError: async (error) => {
      if (!(error instanceof Refused && error.status === 412)) return;
      setConflict(await told(client.GET("/api/v1/sandbox/{kind}/{name}", { params: { path } })));
    },
  });
  const remove = useMutation({
    mutationFn: () =>
      told(
        client.DELETE("/api/v1/sandbox/{kind}/{name}", {
          params: { path, header: { "if-match": seen.etag } },
        }),
      ),
    onSuccess: () => {
      replace(seen.document);
      queries.invalidateQueries();
      navigate(`/routing/${kind.kind}`);
    },
  });
  return {
    ...history,
    kind,
    name,
    entity,
    seen,
    unsaved,
    problems: useProblems(kind.kind, name, document, unsaved),
    save: (etag = seen.etag) => save.mutate({ etag, sent: document }),
    saving: save.isPending,
    saveError: conflict === null ? save.error : null,
    conflict,
    takeTheirs: () => {
      if (conflict === null) return;
      setSeen(conflict.sandbox);
      history.change(conflict.sandbox.document);
      setConflict(null);
      save.reset();
    },
    closeConflict: () => setConflict(null),
    remove: () => remove.mutate(),
    removing: remove.isPending,
    removeError: remove.error,
  };
}

/** What the check says of the entity: as it is saved, or as it stands in the form. */
function useProblems(kind: string, name: string, document: Value, unsaved: boolean): Problem[] {
  const path = `${kind}/${name}`;
  const [draft] = useDebouncedValue(document, 500);
  const saved = useQuery({
    queryKey: ["problems", path],
    queryFn: () => told(client.GET("/api/v1/problems", { params: { query: { path } } })),
  });
  const drafted = useQuery({
    queryKey: ["problems", path, "draft", draft],
    queryFn: () =>
      told(client.POST("/api/v1/problems", { body: { kind: kind as never, name, document: draft } })),
    enabled: unsaved,
    placeholderData: (before) => before,
    gcTime: 30_000,
  });
  return (unsaved ? (drafted.data ?? saved.data) : saved.data)?.problems ?? NONE;
}

const NONE: Problem[] = [];

/** Those at or below the path, with paths that begin there. */
export function within(problems: Problem[], path: string): Problem[] {
  return problems
    .filter((one) => one.path === path || one.path.startsWith(`${path}/`))
    .map((one) => ({ ...one, path: one.path.slice(path.length + 1) }));
}
