/** API tokens for programs: one's own, and for administrators everybody's. */

import { Button, SegmentedControl, Select, Stack, Table, Text, TextInput } from "@mantine/core";
import { IconKey, IconPlus } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { client, type Schemas, told } from "../api/client";
import { type Role, useMay, useMayAll, useSession } from "../api/session";
import { Confirm } from "../parts/confirm";
import { ShownOnce } from "../parts/copied";
import { Heading } from "../parts/heading";
import { Rows, usePaged } from "../parts/rows";
import { WindowSheet } from "../parts/sheet";
import { instant } from "../parts/times";
import { Wrong, wrongWith } from "../parts/wrong";
import { ago, time } from "../words";
import { Expiry } from "./expiry";
import { ROLES } from "./users";

type Token = Schemas["Token"];
const TOKENS = ["tokens"];

export function Tokens() {
  const admin = useMay("admin");
  const queries = useQueryClient();
  const [whose, setWhose] = useState("mine");
  const [making, setMaking] = useState(false);
  const [made, setMade] = useState<Schemas["MadeToken"] | null>(null);
  const [revoking, setRevoking] = useState<Token | null>(null);
  const tokens = usePaged([...TOKENS, whose], (cursor) =>
    told(
      client.GET("/api/v1/tokens", {
        params: { query: { ...(cursor ? { cursor } : {}), ...(whose === "all" ? { owner: "*" } : {}) } },
      }),
    ),
  );
  const revoke = useMutation({
    mutationFn: (id: number) => told(client.DELETE("/api/v1/tokens/{id}", { params: { path: { id } } })),
    onSuccess: () => {
      queries.invalidateQueries({ queryKey: TOKENS });
      setRevoking(null);
    },
  });
  return (
    <Stack>
      <Heading
        title="API tokens"
        icon={IconKey}
        about="For programs. A token may do at most what its owner may."
      >
        <Button leftSection={<IconPlus size={16} />} onClick={() => setMaking(true)}>
          New token
        </Button>
      </Heading>
      {admin && (
        <SegmentedControl
          w="fit-content"
          aria-label="Whose tokens"
          data={[
            { value: "mine", label: "Yours" },
            { value: "all", label: "Everybody's" },
          ]}
          value={whose}
          onChange={setWhose}
        />
      )}
      <Rows
        label="API tokens"
        heads={["What it is for", "Owner", "Role", "Made", "Last used", "Runs out", "Actions"]}
        items={tokens.items}
        source={tokens}
        empty="There are no tokens."
        width={800}
      >
        {(one) => (
          <Table.Tr key={one.id}>
            <Table.Td>{one.name}</Table.Td>
            <Table.Td>{one.owner}</Table.Td>
            <Table.Td>{one.role}</Table.Td>
            <Table.Td>{time(one.created_at)}</Table.Td>
            <Table.Td>{one.last_used_at ? ago(one.last_used_at) : "never"}</Table.Td>
            <Table.Td>
              <Expiry at={one.expires_at} never="never" />
            </Table.Td>
            <Table.Td>
              <Button
                size="compact-sm"
                variant="default"
                aria-label={`Revoke ${one.name}`}
                onClick={() => setRevoking(one)}
              >
                Revoke
              </Button>
            </Table.Td>
          </Table.Tr>
        )}
      </Rows>
      {making && (
        <NewToken
          onClose={() => setMaking(false)}
          onMade={(token) => {
            setMaking(false);
            setMade(token);
            queries.invalidateQueries({ queryKey: TOKENS });
          }}
        />
      )}
      {made && (
        <ShownOnce
          title={`The token “${made.name}”`}
          value={made.token}
          label="the token"
          onClose={() => setMade(null)}
        >
          Copy it now: it is shown this once. Programs send it as “Authorization: Bearer …”.
        </ShownOnce>
      )}
      {revoking && (
        <Confirm
          title={`Revoke “${revoking.name}”?`}
          action="Revoke"
          pending={revoke.isPending}
          error={revoke.error}
          onConfirm={() => revoke.mutate(revoking.id)}
          onClose={() => {
            setRevoking(null);
            revoke.reset();
          }}
        >
          <Text>Programs that use it are refused from their next request on.</Text>
        </Confirm>
      )}
    </Stack>
  );
}

function NewToken({
  onClose,
  onMade,
}: {
  onClose: () => void;
  onMade: (token: Schemas["MadeToken"]) => void;
}) {
  const session = useSession();
  const may = useMayAll();
  const [name, setName] = useState("");
  const [role, setRole] = useState<string>(session.role);
  const [until, setUntil] = useState("");
  const make = useMutation({
    mutationFn: () =>
      told(
        client.POST("/api/v1/tokens", {
          body: { name, role: role as Role, ...(until ? { expires_at: instant(until) } : {}) },
        }),
      ),
    onSuccess: onMade,
  });
  return (
    <WindowSheet title="New API token" onClose={onClose} mutation={make} action="Make">
      <TextInput
        label="What it is for"
        required
        data-autofocus
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        error={wrongWith(make.error, "name")}
      />
      <Select
        label="Role"
        allowDeselect={false}
        data={ROLES.filter((one) => may(one.value))}
        value={role}
        onChange={(value) => setRole(value ?? session.role)}
        error={wrongWith(make.error, "role")}
      />
      <TextInput
        type="datetime-local"
        label="Good until"
        description="Empty: until it is revoked."
        value={until}
        onChange={(event) => setUntil(event.currentTarget.value)}
        error={wrongWith(make.error, "expires_at")}
      />
      <Wrong error={make.error} fields={["name", "role", "expires_at"]} />
    </WindowSheet>
  );
}
