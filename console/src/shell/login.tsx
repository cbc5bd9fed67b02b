/** Logging in: with name and password, or at an OpenID provider where one is set up. */

import {
  Alert,
  Button,
  Center,
  Divider,
  Loader,
  Paper,
  PasswordInput,
  Stack,
  Text,
  TextInput,
  Title,
} from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { client, keepCsrfToken, told } from "../api/client";
import { SESSION } from "../api/session";
import { Mark } from "./mark";

export function Login() {
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const ways = useQuery({ queryKey: ["ways"], queryFn: () => told(client.GET("/api/v1/login")) });
  const login = useMutation({
    mutationFn: () => told(client.POST("/api/v1/login", { body: { name, password } })),
    onSuccess: (session) => {
      keepCsrfToken(session.csrf_token ?? null);
      queries.setQueryData(SESSION, session);
    },
  });
  const here = encodeURIComponent(location.pathname + location.search);
  return (
    <Center mih="100vh" p="md" component="main">
      <Paper withBorder p="xl" radius="lg" w={380} shadow="sm">
        <Stack>
          <Mark />
          <Title order={1} size="h3">
            Log in
          </Title>
          {ways.isLoading && <Loader size="sm" />}
          {ways.data?.password && (
            <form
              onSubmit={(event) => {
                event.preventDefault();
                login.mutate();
              }}
            >
              <Stack>
                <TextInput
                  label="Name"
                  autoComplete="username"
                  autoFocus
                  required
                  value={name}
                  onChange={(event) => setName(event.currentTarget.value)}
                />
                <PasswordInput
                  label="Password"
                  autoComplete="current-password"
                  required
                  value={password}
                  onChange={(event) => setPassword(event.currentTarget.value)}
                />
                {login.error && (
                  <Alert color="red" role="alert">
                    {login.error.message}
                  </Alert>
                )}
                <Button type="submit" loading={login.isPending} fullWidth>
                  Log in
                </Button>
              </Stack>
            </form>
          )}
          {ways.data?.sign_on && (
            <>
              {ways.data.password && <Divider label="or" />}
              <Button component="a" variant="default" href={`${ways.data.sign_on}?next=${here}`}>
                {ways.data.sign_on_title ?? "Sign on"}
              </Button>
            </>
          )}
          {ways.error && (
            <Text c="red" role="alert">
              {ways.error.message}
            </Text>
          )}
        </Stack>
      </Paper>
    </Center>
  );
}
