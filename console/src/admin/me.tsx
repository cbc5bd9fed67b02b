/** Oneself: the name that others see, and the password. */

import {
  Alert,
  Button,
  Card,
  Group,
  Loader,
  PasswordInput,
  Stack,
  Text,
  TextInput,
  Title,
} from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconUser } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { client, type Schemas, told } from "../api/client";
import { SESSION } from "../api/session";
import { Heading } from "../parts/heading";
import { Wrong, wrongWith } from "../parts/wrong";

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
  const [title, setTitle] = useState(me.display_name);
  const [email, setEmail] = useState(me.email ?? "");
  const save = useMutation({
    mutationFn: () =>
      told(client.PATCH("/api/v1/me", { body: { display_name: title, email: email || null } })),
    onSuccess: (saved) => {
      queries.setQueryData(ME, saved);
      queries.invalidateQueries({ queryKey: SESSION });
      notifications.show({ message: "Saved", color: "green" });
    },
  });
  return (
    <Card withBorder>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <Stack>
          <TextInput
            label="Name for others"
            required
            value={title}
            onChange={(event) => setTitle(event.currentTarget.value)}
            error={wrongWith(save.error, "display_name")}
          />
          <TextInput
            label="E-mail"
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
            error={wrongWith(save.error, "email")}
          />
          <Wrong error={save.error} fields={["display_name", "email"]} />
          <Group justify="flex-end">
            <Button
              type="submit"
              loading={save.isPending}
              disabled={title === me.display_name && email === (me.email ?? "")}
            >
              Save
            </Button>
          </Group>
        </Stack>
      </form>
    </Card>
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
    <Card withBorder>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <Stack>
          <div>
            <Title order={2} size="h4">
              Password
            </Title>
            <Text size="sm" c="dimmed">
              A new one ends all your other sessions.
            </Text>
          </div>
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
          <Group justify="flex-end">
            <Button type="submit" loading={save.isPending} disabled={password === "" || again !== password}>
              Change password
            </Button>
          </Group>
        </Stack>
      </form>
    </Card>
  );
}
