/** Erasing a customer: asked for by name, begun, and followed until it is done. */

import { Alert, Anchor, Button, Group, Loader, Modal, Stack, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import { client, type Schemas, told } from "../api/client";
import { Confirm } from "../parts/confirm";
import { count } from "../words";
import { CONTACTS, nameOf } from "./list";

export function Erase({ contact, onClose }: { contact: Schemas["OneContact"]; onClose: () => void }) {
  const erase = useMutation({
    mutationFn: () => told(client.DELETE("/api/v1/contacts/{id}", { params: { path: { id: contact.id } } })),
  });
  if (erase.data) return <UnderWay code={erase.data.code} page={erase.data.page} />;
  return (
    <Confirm
      title={`Erase ${nameOf(contact)}?`}
      action="Erase for ever"
      word={nameOf(contact)}
      pending={erase.isPending}
      error={erase.error}
      onConfirm={() => erase.mutate()}
      onClose={onClose}
    >
      <Text>
        Messages, trace, attachments, custom fields and profile are deleted, and a conversation that runs
        ends. Tickets and conversations stay for reports, without a name or a word. This cannot be taken back.
      </Text>
    </Confirm>
  );
}

function UnderWay({ code, page }: { code: string; page: string }) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const erasure = useQuery({
    queryKey: ["erasures", code],
    queryFn: () => told(client.GET("/api/v1/erasures/{code}", { params: { path: { code } } })),
    refetchInterval: (query) => (query.state.data?.state === "done" ? false : 3_000),
  });
  const leave = () => {
    queries.invalidateQueries({ queryKey: CONTACTS });
    navigate("/contacts");
  };
  const done = erasure.data?.state === "done";
  return (
    <Modal opened onClose={leave} title={done ? "Erased" : "Being erased"}>
      <Stack>
        {done ? (
          <Alert color="green" title="It is done">
            {Object.entries(erasure.data?.counts ?? {})
              .filter(([, amount]) => amount > 0)
              .map(([what, amount]) => count(amount, what.replaceAll("_", " "), what.replaceAll("_", " ")))
              .join(", ") || "Nothing was left at the last look."}
          </Alert>
        ) : (
          <Group>
            <Loader size="sm" />
            <Text>It takes a little more than a minute; you may close this.</Text>
          </Group>
        )}
        <Text size="sm">
          For the customer there is{" "}
          <Anchor href={page} target="_blank" rel="noreferrer">
            a page that tells whether it is done
          </Anchor>
          , and nothing else.
        </Text>
        <Group justify="flex-end">
          <Button onClick={leave}>Close</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
