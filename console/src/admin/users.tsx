/** All users: who they are, what they may do, and making new ones. */

import {
  Anchor,
  Badge,
  Button,
  Group,
  PasswordInput,
  SegmentedControl,
  Select,
  Stack,
  Table,
  Text,
  TextInput,
} from "@mantine/core";
import { IconPlus, IconUsers } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { client, told } from "../api/client";
import type { Role } from "../api/session";
import { Heading } from "../parts/heading";
import { Rows, usePaged } from "../parts/rows";
import { WindowSheet } from "../parts/sheet";
import { Wrong, wrongWith } from "../parts/wrong";
import { ago } from "../words";
import { NAMES, NameFields, type Names } from "./names";

export const ROLES: { value: Role; label: string }[] = [
  { value: "viewer", label: "viewer: reads" },
  { value: "agent", label: "agent: talks to customers" },
  { value: "supervisor", label: "supervisor: sees to all conversations" },
  { value: "admin", label: "admin: may do everything" },
];

export const USERS = ["users"];

export function Users() {
  const [shown, setShown] = useState("active");
  const [role, setRole] = useState<string | null>(null);
  const [making, setMaking] = useState(false);
  const users = usePaged([...USERS, shown, role], (cursor) =>
    told(
      client.GET("/api/v1/users", {
        params: {
          query: {
            ...(cursor ? { cursor } : {}),
            ...(shown === "all" ? {} : { active: shown === "active" }),
            ...(role ? { role: role as Role } : {}),
          },
        },
      }),
    ),
  );
  return (
    <Stack>
      <Heading title="Users" icon={IconUsers} about="Who may use Switchboard, and what they may do.">
        <Button leftSection={<IconPlus size={16} />} onClick={() => setMaking(true)}>
          New user
        </Button>
      </Heading>
      <Group>
        <SegmentedControl
          aria-label="Which users"
          data={[
            { value: "active", label: "Active" },
            { value: "inactive", label: "Inactive" },
            { value: "all", label: "All" },
          ]}
          value={shown}
          onChange={setShown}
        />
        <Select
          aria-label="Role"
          placeholder="Every role"
          clearable
          data={ROLES.map((one) => one.value)}
          value={role}
          onChange={setRole}
        />
      </Group>
      <Rows
        label="Users"
        heads={["User", "Role", "E-mail", "Logs in with", "Last seen"]}
        items={users.items}
        source={users}
        empty="There are no such users."
      >
        {(one) => (
          <Table.Tr key={one.name}>
            <Table.Td>
              <Anchor component={Link} to={`/users/${encodeURIComponent(one.name)}`} fw={500} size="sm">
                {one.display_name}
              </Anchor>
              <Text size="xs" c="dimmed">
                {one.name}
              </Text>
            </Table.Td>
            <Table.Td>
              <Badge variant="light" color={one.active ? undefined : "gray"}>
                {one.active ? one.role : `${one.role}, inactive`}
              </Badge>
            </Table.Td>
            <Table.Td>{one.email}</Table.Td>
            <Table.Td>{one.issuer ?? "password"}</Table.Td>
            <Table.Td>{one.last_seen_at ? ago(one.last_seen_at) : "never"}</Table.Td>
          </Table.Tr>
        )}
      </Rows>
      {making && <NewUser onClose={() => setMaking(false)} />}
    </Stack>
  );
}

function NewUser({ onClose }: { onClose: () => void }) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [name, setName] = useState("");
  const [names, setNames] = useState<Names>({ display_name: "", email: null });
  const [role, setRole] = useState<Role>("agent");
  const [password, setPassword] = useState("");
  const make = useMutation({
    mutationFn: () =>
      told(
        client.POST("/api/v1/users", {
          body: { name, role, password, display_name: names.display_name || null, email: names.email },
        }),
      ),
    onSuccess: (made) => {
      queries.invalidateQueries({ queryKey: USERS });
      navigate(`/users/${encodeURIComponent(made.name)}`);
    },
  });
  return (
    <WindowSheet title="New user" onClose={onClose} mutation={make} action="Make">
      <TextInput
        label="Name"
        description="With which they log in. It cannot be changed later."
        required
        data-autofocus
        autoComplete="off"
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        error={wrongWith(make.error, "name")}
      />
      <NameFields fresh value={names} set={setNames} error={make.error} />
      <Select
        label="Role"
        allowDeselect={false}
        data={ROLES}
        value={role}
        onChange={(value) => setRole((value ?? "agent") as Role)}
      />
      <PasswordInput
        label="Password"
        description="Tell them on another way, and ask them to change it."
        required
        autoComplete="new-password"
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
        error={wrongWith(make.error, "password")}
      />
      <Wrong error={make.error} fields={["name", ...NAMES, "password"]} />
    </WindowSheet>
  );
}
