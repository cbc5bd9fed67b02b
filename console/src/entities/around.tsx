/** What is around every editor of an entity: its title and buttons, what is wrong with it, and the dialogs of its draft. */

import { Alert, Anchor, Badge, Button, Group, List, Modal, Stack, Text, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconBinaryTree, IconDeviceFloppy, IconTrash } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Link } from "react-router";
import type { Problem } from "../api/client";
import { useMay } from "../api/session";
import { Leaving } from "../parts/leaving";
import { Conflict } from "./conflict";
import type { Draft } from "./draft";

export function Around({
  draft,
  buttons,
  listed = true,
  children,
}: {
  draft: Draft;
  buttons?: ReactNode;
  /** Whether problems are listed above; otherwise the editor shows them in its own way. */
  listed?: boolean;
  children: ReactNode;
}) {
  const { kind, name, document, entity, unsaved } = draft;
  const admin = useMay("admin");
  const [asked, { open: askRemoval, close: keep }] = useDisclosure();
  return (
    <Stack>
      <Group justify="space-between" align="flex-start">
        <div>
          <Anchor component={Link} to={`/routing/${kind.kind}`} size="sm">
            {kind.many}
          </Anchor>
          <Title order={1} size="h2">
            {document.title || name}
          </Title>
          <Text size="sm" c="dimmed">
            {entity.path}
          </Text>
        </div>
        <Group gap="xs">
          {buttons}
          {kind.tree && (
            <Button
              component={Link}
              to={`/trees/${kind.kind}/${name}`}
              variant="default"
              leftSection={<IconBinaryTree size={16} />}
            >
              Diagram tree
            </Button>
          )}
          {admin && (
            <>
              <Button variant="default" leftSection={<IconTrash size={16} />} onClick={askRemoval}>
                Remove
              </Button>
              <Button
                leftSection={<IconDeviceFloppy size={16} />}
                disabled={!unsaved}
                loading={draft.saving}
                onClick={() => draft.save()}
              >
                Save
              </Button>
            </>
          )}
        </Group>
      </Group>
      {draft.saveError && (
        <Alert color="red" title="It was not saved" role="alert">
          {draft.saveError.message}
        </Alert>
      )}
      {listed && <ProblemList problems={draft.problems} path={entity.path} />}
      {children}
      {draft.conflict && (
        <Conflict
          mine={document}
          theirs={draft.conflict}
          saving={draft.saving}
          onMine={() => draft.save(draft.conflict?.sandbox.etag)}
          onTheirs={draft.takeTheirs}
          onClose={draft.closeConflict}
        />
      )}
      <Modal opened={asked} onClose={keep} title={`Remove ${document.title || name}?`}>
        <Text>It goes from the sandbox. Production keeps it until the configuration is applied.</Text>
        {draft.removeError && <Text c="red">{draft.removeError.message}</Text>}
        <Group justify="flex-end" mt="md">
          <Button variant="default" onClick={keep}>
            Keep it
          </Button>
          <Button color="red" loading={draft.removing} onClick={draft.remove}>
            Remove
          </Button>
        </Group>
      </Modal>
      <Leaving unsaved={unsaved} />
    </Stack>
  );
}

/** How the sandbox's version stands to production's. */
export function StateBadge({ draft }: { draft: Draft }) {
  if (draft.unsaved) return <Badge color="orange">not saved</Badge>;
  const state = draft.entity.state;
  return (
    <Badge variant="light" color={state === "same" ? "gray" : "yellow"}>
      {state === "same" ? "as in production" : state === "added" ? "new" : "changed"}
    </Badge>
  );
}

function ProblemList({ problems, path }: { problems: Problem[]; path: string }) {
  if (problems.length === 0) return null;
  const errors = problems.filter((one) => one.severity === "error").length;
  return (
    <Alert
      color={errors > 0 ? "red" : "orange"}
      title={errors > 0 ? "To mend before it can be applied" : "To look at"}
    >
      <List size="sm" spacing={4}>
        {problems.map((one, index) => (
          <List.Item key={index}>
            <Text size="xs" c="dimmed" component="span">
              {one.path === path ? "" : `${one.path.replace(`${path}/`, "")}: `}
            </Text>
            {one.message}
          </List.Item>
        ))}
      </List>
    </Alert>
  );
}
