/** The last step before a revision: its note, and what becomes of conversations that are open. */

import { Alert, Button, Group, Radio, Stack, Table, Text, Textarea, TextInput } from "@mantine/core";
import { IconGitBranch } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { client, Refused, type Schemas, told } from "../api/client";
import { count } from "../words";
import { Problems } from "./problems";

export function Applying({
  etag,
  differs,
  errors,
  failing,
  onApplied,
}: {
  /** The sandbox that was looked at. */
  etag: string;
  differs: boolean;
  errors: number;
  failing: number;
  onApplied: (applied: Schemas["Applied"]) => void;
}) {
  const queries = useQueryClient();
  const [note, setNote] = useState("");
  const [running, setRunning] = useState<"finish" | "move">("finish");
  const [reason, setReason] = useState("");
  const revisions = useQuery({
    queryKey: ["revisions", "newest"],
    queryFn: () => told(client.GET("/api/v1/revisions", { params: { query: { limit: 200 } } })),
  });
  const open = (revisions.data?.items ?? []).filter((one) => one.open_conversations > 0);
  const apply = useMutation({
    mutationFn: () =>
      told(
        client.POST("/api/v1/apply", {
          params: { header: { "if-match": etag } },
          body: { note, running, ...(reason ? { override_reason: reason } : {}) },
        }),
      ),
    onSuccess: (applied) => {
      queries.invalidateQueries();
      onApplied(applied);
    },
    onError: (error) => {
      if (error instanceof Refused) queries.invalidateQueries({ queryKey: ["scenarios"] });
    },
  });
  const changed = apply.error instanceof Refused && apply.error.status === 412;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        apply.mutate();
      }}
    >
      <Stack>
        <div>
          <Text size="sm" fw={500}>
            Open conversations
          </Text>
          {open.length === 0 ? (
            <Text size="sm" c="dimmed">
              No conversation is open.
            </Text>
          ) : (
            <Table w="fit-content" aria-label="Open conversations by revision">
              <Table.Tbody>
                {open.map((one) => (
                  <Table.Tr key={one.number}>
                    <Table.Td>Revision {one.number}</Table.Td>
                    <Table.Td>{one.note}</Table.Td>
                    <Table.Td>{count(one.open_conversations, "conversation")}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          )}
        </div>
        <Radio.Group
          label="What becomes of them"
          value={running}
          onChange={(value) => setRunning(value as typeof running)}
        >
          <Stack gap={6} mt={6}>
            <Radio value="finish" label="They finish on the revision that they began with" />
            <Radio
              value="move"
              label="They move to the new revision"
              description="Each at its next wait, and only where its place is still there. Those that cannot are listed."
            />
          </Stack>
        </Radio.Group>
        <TextInput
          label="Note"
          description="What changed and why. It stays with the revision."
          required
          maxLength={2000}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        {failing > 0 && (
          <Textarea
            label="Why apply although scenarios fail"
            description="Better mend them. Otherwise the reason stays with the revision."
            autosize
            minRows={2}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
        )}
        {apply.error && (
          <Stack gap="xs">
            <Alert color="red" title="It was not applied">
              {changed ? "Somebody has changed the sandbox since you opened this page." : apply.error.message}
              {changed && (
                <Button
                  size="compact-sm"
                  variant="default"
                  mt="xs"
                  display="block"
                  onClick={() => {
                    apply.reset();
                    queries.invalidateQueries();
                  }}
                >
                  Look at it as it is now
                </Button>
              )}
            </Alert>
            {apply.error instanceof Refused && <Problems problems={apply.error.problems} />}
          </Stack>
        )}
        <Group>
          <Button
            type="submit"
            size="md"
            leftSection={<IconGitBranch size={18} />}
            loading={apply.isPending}
            disabled={!differs || errors > 0 || note.trim() === "" || (failing > 0 && reason.trim() === "")}
          >
            Apply configuration changes
          </Button>
          {errors > 0 && (
            <Text size="sm" c="red">
              Mend {count(errors, "error")} first.
            </Text>
          )}
        </Group>
      </Stack>
    </form>
  );
}
