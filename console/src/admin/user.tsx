/** One user: name, role, whether they may come in, their password, and how many conversations they may have. */

import { Alert, Button, Card, Loader, Select, Stack, Switch, Text, Title } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useNavigate, useParams } from "react-router";
import { client, Refused, type Schemas, told } from "../api/client";
import type { Role } from "../api/session";
import { Confirm } from "../parts/confirm";
import { Heading } from "../parts/heading";
import { CardSheet } from "../parts/sheet";
import { Wrong } from "../parts/wrong";
import { Missing } from "../shell/missing";
import { time } from "../words";
import { Distribution } from "./distribution";
import { NAMES, NameFields, type Names } from "./names";
import { SetPassword } from "./password";
import { ROLES, USERS } from "./users";

export function User() {
  const { name = "" } = useParams();
  const user = useQuery({
    queryKey: [...USERS, "one", name],
    queryFn: () => told(client.GET("/api/v1/users/{name}", { params: { path: { name } } })),
  });
  if (user.isLoading) return <Loader aria-label="Loading" />;
  if (user.error instanceof Refused && user.error.status === 404) return <Missing what="user" />;
  if (!user.data) return <Text c="red">{user.error?.message}</Text>;
  return <OneUser key={name} user={user.data} />;
}

function OneUser({ user }: { user: Schemas["Users"]["items"][number] }) {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [removing, setRemoving] = useState(false);
  const path = { name: user.name };
  const remove = useMutation({
    mutationFn: () => told(client.DELETE("/api/v1/users/{name}", { params: { path } })),
    onSuccess: () => {
      navigate("/users");
      queries.invalidateQueries({ queryKey: USERS });
    },
  });
  return (
    <Stack maw={720}>
      <Heading
        title={user.display_name}
        up={{ to: "/users", label: "Users" }}
        about={`${user.name}, made ${time(user.created_at)}, ${
          user.last_seen_at ? `last seen ${time(user.last_seen_at)}` : "never seen"
        }`}
      >
        <Button component={Link} to={`/audit?actor=${encodeURIComponent(user.name)}`} variant="default">
          What they did
        </Button>
      </Heading>
      <Profile user={user} />
      {user.role !== "viewer" && user.active && <Distribution name={user.name} />}
      {user.issuer === null ? (
        <SetPassword name={user.name} />
      ) : (
        <Alert title="Single sign-on">Signs on at {user.issuer}, and has no password here.</Alert>
      )}
      <Card withBorder>
        <Title order={2} size="h4">
          Remove
        </Title>
        <Text size="sm" c="dimmed" my="xs">
          With sessions and API tokens; what they did stays in the audit log. Rather make them inactive: then
          nobody else gets their name.
        </Text>
        <Button variant="default" w="fit-content" onClick={() => setRemoving(true)}>
          Remove {user.name}
        </Button>
      </Card>
      {removing && (
        <Confirm
          title={`Remove ${user.display_name}?`}
          action="Remove"
          word={user.name}
          pending={remove.isPending}
          error={remove.error}
          onConfirm={() => remove.mutate()}
          onClose={() => setRemoving(false)}
        >
          <Text>This cannot be taken back.</Text>
        </Confirm>
      )}
    </Stack>
  );
}

function Profile({ user }: { user: Schemas["Users"]["items"][number] }) {
  const queries = useQueryClient();
  const [names, setNames] = useState<Names>({ display_name: user.display_name, email: user.email });
  const [role, setRole] = useState<Role>(user.role);
  const [active, setActive] = useState(user.active);
  const same =
    names.display_name === user.display_name &&
    names.email === user.email &&
    role === user.role &&
    active === user.active;
  const save = useMutation({
    mutationFn: () =>
      told(
        client.PATCH("/api/v1/users/{name}", {
          params: { path: { name: user.name } },
          body: { ...names, role, active },
        }),
      ),
    onSuccess: (saved) => {
      queries.setQueryData([...USERS, "one", user.name], saved);
      queries.invalidateQueries({ queryKey: USERS });
      notifications.show({ message: "Saved; it counts at once", color: "green" });
    },
  });
  return (
    <CardSheet mutation={save} action="Save" disabled={same}>
      <NameFields value={names} set={setNames} error={save.error} />
      <Select
        label="Role"
        description="It counts at once, in sessions and API tokens too."
        allowDeselect={false}
        data={ROLES}
        value={role}
        onChange={(value) => setRole((value ?? role) as Role)}
      />
      <Switch
        label="Active"
        description="Who is not active cannot log in; switching it off ends their sessions and API tokens at once."
        checked={active}
        onChange={(event) => setActive(event.currentTarget.checked)}
      />
      <Wrong error={save.error} fields={NAMES} />
    </CardSheet>
  );
}
