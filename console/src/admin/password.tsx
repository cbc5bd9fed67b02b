/** A new password for somebody else. */

import { PasswordInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { client, told } from "../api/client";
import { CardSheet } from "../parts/sheet";
import { Wrong, wrongWith } from "../parts/wrong";

export function SetPassword({ name }: { name: string }) {
  const [password, setPassword] = useState("");
  const save = useMutation({
    mutationFn: () =>
      told(client.PATCH("/api/v1/users/{name}", { params: { path: { name } }, body: { password } })),
    onSuccess: () => {
      setPassword("");
      notifications.show({
        message: `The password of ${name} is changed, and their sessions have ended`,
        color: "green",
      });
    },
  });
  return (
    <CardSheet
      title="Set a password"
      mutation={save}
      action="Set password"
      variant="default"
      disabled={password === ""}
    >
      <PasswordInput
        label="New password"
        description="It ends their sessions, and any waiting time after wrong passwords. Tell them on another way."
        required
        autoComplete="new-password"
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
        error={wrongWith(save.error, "password")}
      />
      <Wrong error={save.error} fields={["password"]} />
    </CardSheet>
  );
}
