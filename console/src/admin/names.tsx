/** What others call a user, and where they get mail: two fields that every form about users has. */

import { TextInput } from "@mantine/core";
import { wrongWith } from "../parts/wrong";

export interface Names {
  display_name: string;
  email: string | null;
}

/** Which problems are shown at these fields. */
export const NAMES = ["display_name", "email"];

export function NameFields({
  value,
  set,
  error,
  fresh = false,
}: {
  value: Names;
  set: (value: Names) => void;
  error: Error | null;
  /** Of a user who is only being made, and who may be called by the name alone. */
  fresh?: boolean;
}) {
  const autoComplete = fresh ? "off" : undefined;
  return (
    <>
      <TextInput
        label="Name for others"
        required={!fresh}
        autoComplete={autoComplete}
        value={value.display_name}
        onChange={(event) => set({ ...value, display_name: event.currentTarget.value })}
        error={wrongWith(error, "display_name")}
      />
      <TextInput
        label="E-mail"
        autoComplete={autoComplete}
        value={value.email ?? ""}
        onChange={(event) => set({ ...value, email: event.currentTarget.value || null })}
        error={wrongWith(error, "email")}
      />
    </>
  );
}
