/** Putting an old revision into the sandbox: what is there now is told first, and nothing is applied by that. */

import { Alert, Button, Group, Loader, Modal, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import { client, Refused, told } from "../api/client";
import { useDiff } from "../shell/banner";
import { count } from "../words";
import { useSandboxProblems } from "./apply";

export function Restore({ number, onClose }: { number: number; onClose: () => void }) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const diff = useDiff();
  const sandbox = useSandboxProblems();
  const restore = useMutation({
    mutationFn: (etag: string) =>
      told(
        client.POST("/api/v1/revisions/{number}/restore", {
          params: { path: { number }, header: { "if-match": etag } },
        }),
      ),
    onSuccess: (done) => {
      queries.invalidateQueries();
      notifications.show({
        message: `Revision ${number} is in the sandbox: ${count(done.changes.length, "entity", "entities")} changed`,
        color: "green",
      });
      navigate("/apply");
    },
    onError: (error) => {
      if (error instanceof Refused && error.status === 412) queries.invalidateQueries();
    },
  });
  const lost = diff.data?.entities.length ?? 0;
  const changed = restore.error instanceof Refused && restore.error.status === 412;
  return (
    <Modal opened onClose={onClose} title={`Restore revision ${number}?`}>
      <Stack>
        <Text>Its document is put into the sandbox. Look at the differences then, and apply it.</Text>
        {!diff.data && <Loader size="sm" aria-label="Loading" />}
        {diff.data?.differs && (
          <Alert color="orange" title="What the sandbox has now is replaced">
            {lost > 0
              ? `${count(lost, "entity", "entities")} in the sandbox ${lost === 1 ? "differs" : "differ"} from production. That is lost, unless it is in another revision.`
              : "Its order of names differs from production."}
          </Alert>
        )}
        {restore.error && (
          <Alert color="red" role="alert">
            {changed
              ? "Somebody has changed the sandbox meanwhile. Look at what it has now, and restore then."
              : restore.error.message}
          </Alert>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button
            loading={restore.isPending}
            disabled={!sandbox.data || !diff.data}
            onClick={() => sandbox.data && restore.mutate(sandbox.data.etag)}
          >
            Restore
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
