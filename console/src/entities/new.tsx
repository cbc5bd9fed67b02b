/** A new entity: its title, and the name that it keeps for ever. */

import { TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { client, told } from "../api/client";
import type { Kind } from "../kinds";
import { WindowSheet } from "../parts/sheet";
import { FORMS } from "./forms";

export function NewEntity({ kind, opened, onClose }: { kind: Kind; opened: boolean; onClose: () => void }) {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [title, setTitle] = useState("");
  const [name, setName] = useState<string | null>(null);
  const proposed = name ?? slug(title, kind.kind === "custom_fields" ? "_" : "-");
  const make = useMutation({
    mutationFn: () =>
      told(
        client.POST("/api/v1/sandbox/{kind}", {
          params: { path: { kind: kind.kind as never } },
          body: { name: proposed, document: { title, ...FORMS[kind.kind]?.fresh() } },
        }),
      ),
    onSuccess: () => {
      queries.invalidateQueries();
      navigate(`/routing/${kind.kind}/${proposed}`);
    },
  });
  return (
    <WindowSheet
      title={`New ${kind.one}`}
      opened={opened}
      onClose={onClose}
      mutation={make}
      action="Create"
      disabled={title === "" || proposed === ""}
    >
      <TextInput
        label="Title"
        required
        data-autofocus
        value={title}
        onChange={(event) => setTitle(event.currentTarget.value)}
      />
      <TextInput
        label="Name"
        description="In addresses, in templates and in files. It cannot be changed later."
        required
        value={proposed}
        onChange={(event) => setName(event.currentTarget.value)}
        error={make.error?.message}
      />
    </WindowSheet>
  );
}

/** A title as a name: small letters, digits and dashes. */
export function slug(title: string, dash = "-"): string {
  const plain = title.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  return plain
    .replace(/[^a-z0-9]+/g, dash)
    .replace(/^[-_]+|[-_]+$/g, "")
    .slice(0, 80);
}
