/** Secrets for requests and chatbots: which there are and where they are used; their values are told to nobody. */

import { Anchor, Badge, Button, Group, PasswordInput, Stack, Table, Text, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconLock, IconPlus } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { client, told } from "../api/client";
import { Confirm } from "../parts/confirm";
import { Heading } from "../parts/heading";
import { Rows } from "../parts/rows";
import { WindowSheet } from "../parts/sheet";
import { Wrong, wrongWith } from "../parts/wrong";
import { ago } from "../words";

export const SECRETS = ["secrets"];

export function useSecrets(enabled = true) {
  return useQuery({ queryKey: SECRETS, queryFn: () => told(client.GET("/api/v1/secrets")), enabled });
}

export function Secrets() {
  const queries = useQueryClient();
  const secrets = useSecrets();
  const [entering, setEntering] = useState<string | null>(null);
  const [removing, setRemoving] = useState<string | null>(null);
  const remove = useMutation({
    mutationFn: (name: string) =>
      told(client.DELETE("/api/v1/secrets/{name}", { params: { path: { name } } })),
    onSuccess: () => {
      queries.invalidateQueries({ queryKey: SECRETS });
      setRemoving(null);
    },
  });
  return (
    <Stack>
      <Heading
        title="Secrets"
        icon={IconLock}
        about="Keys for requests and chatbots. The configuration names them as secrets.<name>; values are kept encrypted and shown to nobody."
      >
        <Button leftSection={<IconPlus size={16} />} onClick={() => setEntering("")}>
          Enter a secret
        </Button>
      </Heading>
      <Rows
        label="Secrets"
        heads={["Name", "Entered", "Used in", "Actions"]}
        items={secrets.data?.items ?? []}
        source={secrets}
        empty="There are no secrets, and the configuration names none."
      >
        {(one) => (
          <Table.Tr key={one.name}>
            <Table.Td>
              <Text size="sm" ff="monospace">
                secrets.{one.name}
              </Text>
            </Table.Td>
            <Table.Td>
              {one.updated_at ? (
                ago(one.updated_at)
              ) : (
                <Badge color="orange" variant="light">
                  not entered yet
                </Badge>
              )}
            </Table.Td>
            <Table.Td>
              {one.used_in.length === 0 ? (
                <Text size="sm" c="dimmed">
                  nowhere
                </Text>
              ) : (
                one.used_in.map((path) => (
                  <Anchor key={path} component={Link} to={`/routing/${path}`} size="sm" display="block">
                    {path}
                  </Anchor>
                ))
              )}
            </Table.Td>
            <Table.Td>
              <Group gap={6} wrap="nowrap">
                <Button
                  size="compact-sm"
                  variant={one.updated_at ? "default" : "filled"}
                  aria-label={`${one.updated_at ? "Replace" : "Enter"} the value of ${one.name}`}
                  onClick={() => setEntering(one.name)}
                >
                  {one.updated_at ? "Replace" : "Enter"}
                </Button>
                {one.updated_at && (
                  <Button
                    size="compact-sm"
                    variant="default"
                    aria-label={`Delete ${one.name}`}
                    onClick={() => setRemoving(one.name)}
                  >
                    Delete
                  </Button>
                )}
              </Group>
            </Table.Td>
          </Table.Tr>
        )}
      </Rows>
      {entering !== null && <EnterSecret name={entering} onClose={() => setEntering(null)} />}
      {removing !== null && (
        <Confirm
          title={`Delete secrets.${removing}?`}
          action="Delete"
          pending={remove.isPending}
          error={remove.error}
          onConfirm={() => remove.mutate(removing)}
          onClose={() => {
            setRemoving(null);
            remove.reset();
          }}
        >
          <Text>Requests and chatbots that name it fail from then on, and say so in the trace.</Text>
        </Confirm>
      )}
    </Stack>
  );
}

/** Enter a value; with an empty name, that has to be chosen as well. */
export function EnterSecret({
  name: given,
  onClose,
  onEntered,
}: {
  name: string;
  onClose: () => void;
  onEntered?: (name: string) => void;
}) {
  const queries = useQueryClient();
  const [name, setName] = useState(given);
  const [value, setValue] = useState("");
  const enter = useMutation({
    mutationFn: () =>
      told(client.PUT("/api/v1/secrets/{name}", { params: { path: { name } }, body: { value } })),
    onSuccess: () => {
      queries.invalidateQueries({ queryKey: SECRETS });
      notifications.show({ message: `secrets.${name} is entered; the next request uses it`, color: "green" });
      onEntered?.(name);
      onClose();
    },
  });
  return (
    <WindowSheet
      title={given ? `A value for secrets.${given}` : "Enter a secret"}
      onClose={onClose}
      mutation={enter}
      action="Enter"
    >
      {given === "" && (
        <TextInput
          label="Name"
          description="Letters, digits and underscores."
          required
          data-autofocus
          autoComplete="off"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={wrongWith(enter.error, "name")}
        />
      )}
      <PasswordInput
        label="Value"
        description="It takes the place of the value that it had."
        required
        autoComplete="off"
        data-autofocus={given !== "" || undefined}
        value={value}
        onChange={(event) => setValue(event.currentTarget.value)}
        error={wrongWith(enter.error, "value")}
      />
      <Wrong error={enter.error} fields={["name", "value"]} />
    </WindowSheet>
  );
}
