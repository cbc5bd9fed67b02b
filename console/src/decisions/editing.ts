/** What all parts of the decision tree editor share: the tree, who may change it, and what its templates can read. */

import { useQuery } from "@tanstack/react-query";
import { createContext, useContext } from "react";
import { client, type Schemas, told } from "../api/client";
import { useMay } from "../api/session";
import type { Path, Value } from "../entities/document";
import type { Marks } from "./marks";

export interface Editing {
  tree: Value;
  readOnly: boolean;
  /** The name of the decision that is open. */
  decision: string | null;
  /** What templates of this tree can read; undefined until it is known. */
  names: Schemas["Names"] | undefined;
  /** Which decisions differ from the other side. */
  marks: Marks;
  change: (tree: Value) => void;
  choose: (decision: string | null) => void;
  /** The path of the action that is open, inside the decision. */
  open: string | null;
  setOpen: (path: Path | null) => void;
}

export const Context = createContext<Editing | null>(null);

export function useEditing(): Editing {
  const found = useContext(Context);
  if (found === null) throw new Error("this is a part of the decision tree editor");
  return found;
}

/** What templates can read, while this tree is as it is written. */
export function useNames(name: string, document: Value): Schemas["Names"] | undefined {
  const supervisor = useMay("supervisor");
  const found = useQuery({
    queryKey: ["names", name, document],
    queryFn: () =>
      told(client.POST("/api/v1/preview/names", { body: { kind: "decision_trees", name, document } })),
    placeholderData: (before) => before,
    enabled: supervisor,
    staleTime: 60_000,
    gcTime: 30_000,
  });
  return found.data;
}

/** The names of secrets, for those who may know them. */
export function useSecrets(): string[] {
  const admin = useMay("admin");
  const found = useQuery({
    queryKey: ["secrets", "names"],
    queryFn: () => told(client.GET("/api/v1/secrets")),
    enabled: admin,
    staleTime: 60_000,
  });
  return found.data?.items.map((one) => `secrets.${one.name}`) ?? [];
}
