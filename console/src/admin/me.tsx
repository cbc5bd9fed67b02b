/** Oneself: the name that others see, and the password. */

import { Alert, Button, Loader, PasswordInput, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconUser } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { client, type Schemas, told } from "../api/client";
import { SESSION } from "../api/session";
import { Heading } from "../parts/heading";
import { CardSheet } from "../parts/sheet";
import { Wrong, wrongWith } from "../parts/wrong";
import { NAMES, NameFields, type Names } from "./names";

const ME = ["me"];

export function Me() {
  const me = useQuery({ queryKey: ME, queryFn: () => told(client.GET("/api/v1/me")) });
  if (me.isLoading) return <Loader aria-label="Loading" />;
  if (!me.data) return <Text c="red">{me.error?.message}</Text>;
  return (
    <Stack maw={640}>
      <Heading
        title="Name and password"
        icon={IconUser}
        about={`You log in as ${me.data.name}; your role is ${me.data.role}.`}
      >
        <Button component={Link} to="/tokens" variant="default">
          Your API tokens
        </Button>
      </Heading>
      <Name me={me.data} />
      {me.data.issuer === null ? (
        <Password />
      ) : (
        <Alert title="Single sign-on">You sign on at {me.data.issuer}. Change your password there.</Alert>
      )}
    </Stack>
  );
}

function Name({ me }: { me: Schemas["Users"]["items"][number] }) {
  const queries = useQueryClient();
  const [names, setNames] = useState<Names>({ display_name: me.display_name, email: me.email });
  const save = useMutation({
    mutationFn: () => told(client.PATCH("/api/v1/me", { body: names })),
    onSuccess: (saved) => {
      queries.setQueryData(ME, saved);
      queries.invalidateQueries({ queryKey: SESSION });
      notifications.show({ message: "Saved", color: "green" });
    },
  });
  return (
    <CardSheet
      mutation={save}
      action="Save"
      disabled={names.display_name === me.display_name && names.email === me.email}
    >
      <NameFields value={names} set={setNames} error={save.error} />
      <Wrong error={save.error} fields={NAMES} />
    </CardSheet>
  );
}

function Password() {
  const [current, setCurrent] = useState("");
  const [password, setPassword] = useState("");
  const [again, setAgain] = useState("");
  const save = useMutation({
    mutationFn: () => told(client.PATCH("/api/v1/me", { body: { password, current_password: current } })),
    onSuccess: () => {
      setCurrent("");
      setPassword("");
      setAgain("");
      notifications.show({ message: "Changed; your other sessions have ended", color: "green" });
    },
  });
  const different = again !== "" && again !== password;
  return (
    <CardSheet
      title="Password"
      about="A new one ends all your other sessions."
      mutation={save}
      action="Change password"
      disabled={password === "" || again !== password}
    >
      <PasswordInput
        label="Present password"
        required
        autoComplete="current-password"
        value={current}
        onChange={(event) => setCurrent(event.currentTarget.value)}
        error={wrongWith(save.error, "current_password")}
      />
      <PasswordInput
        label="New password"
        required
        autoComplete="new-password"
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
        error={wrongWith(save.error, "password")}
      />
      <PasswordInput
        label="New password, once more"
        required
        autoComplete="new-password"
        value={again}
        onChange={(event) => setAgain(event.currentTarget.value)}
        error={different ? "This is another one" : null}
      />
      <Wrong error={save.error} fields={["current_password", "password"]} />
    </CardSheet>
  );
}
