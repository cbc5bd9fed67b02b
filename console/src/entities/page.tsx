/** An entity: the sandbox and production side by side, with who changed what when, and what is wrong. */

import {
  Alert,
  Anchor,
  Badge,
  Button,
  Card,
  Group,
  List,
  Loader,
  Modal,
  SimpleGrid,
  Stack,
  Text,
  Title,
} from "@mantine/core";
import { useDebouncedValue, useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { IconBinaryTree, IconDeviceFloppy, IconTrash } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Link, useBlocker, useNavigate, useParams } from "react-router";
import { client, type Problem, Refused, type Schemas, told } from "../api/client";
import { useMay } from "../api/session";
import { type Kind, kindOf } from "../kinds";
import { Missing } from "../shell/missing";
import { ago } from "../words";
import { Conflict } from "./conflict";
import { same, type Value } from "./document";
import { FormOf } from "./form";
import { FORMS } from "./forms";

export function EntityPage() {
  const { kind: given = "", name = "" } = useParams();
  const kind = kindOf(given);
  const supervisor = useMay("supervisor");
  if (kind === undefined || FORMS[kind.kind] === undefined) return <Missing />;
  return supervisor ? (
    <Sandboxed key={`${kind.kind}/${name}`} kind={kind} name={name} />
  ) : (
    <OnlyProduction kind={kind} name={name} />
  );
}

export function entityKey(kind: string, name: string) {
  return ["entity", kind, name];
}

export function useEntity(kind: string, name: string) {
  return useQuery({
    queryKey: entityKey(kind, name),
    queryFn: () =>
      told(client.GET("/api/v1/sandbox/{kind}/{name}", { params: { path: { kind: kind as never, name } } })),
    refetchOnWindowFocus: false,
  });
}

function Sandboxed({ kind, name }: { kind: Kind; name: string }) {
  const entity = useEntity(kind.kind, name);
  useEffect(() => {
    document.title = `${name} · ${kind.many} · Switchboard`;
  }, [kind, name]);
  if (entity.isLoading) return <Loader aria-label="Loading" />;
  if (entity.error instanceof Refused && entity.error.status === 404) return <Missing what={kind.one} />;
  if (entity.error || !entity.data) return <Text c="red">{entity.error?.message}</Text>;
  return <Editor kind={kind} name={name} entity={entity.data} />;
}

function Editor({ kind, name, entity }: { kind: Kind; name: string; entity: Schemas["SandboxEntity"] }) {
  const admin = useMay("admin");
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [seen, setSeen] = useState(entity.sandbox);
  const [document, setDocument] = useState<Value>(entity.sandbox.document);
  const [conflict, setConflict] = useState<Schemas["SandboxEntity"] | null>(null);
  const [removing, { open: askRemoval, close: keep }] = useDisclosure();
  const unsaved = !same(document, seen.document);
  const problems = useProblems(kind.kind, name, document, unsaved);
  const Form = FORMS[kind.kind]!.form;

  const save = useMutation({
    mutationFn: (etag: string) =>
      told(
        client.PUT("/api/v1/sandbox/{kind}/{name}", {
          params: { path: { kind: kind.kind as never, name }, header: { "if-match": etag } },
          body: document,
        }),
      ),
    onSuccess: (saved) => {
      setSeen(saved.sandbox);
      setDocument(saved.sandbox.document);
      setConflict(null);
      queries.setQueryData(entityKey(kind.kind, name), saved);
      queries.invalidateQueries();
      notifications.show({ message: "Saved in the sandbox", color: "green" });
    },
    onError: async (error) => {
      if (!(error instanceof Refused && error.status === 412)) return;
      const path = { kind: kind.kind as never, name };
      setConflict(await told(client.GET("/api/v1/sandbox/{kind}/{name}", { params: { path } })));
    },
  });
  const remove = useMutation({
    mutationFn: () =>
      told(
        client.DELETE("/api/v1/sandbox/{kind}/{name}", {
          params: { path: { kind: kind.kind as never, name }, header: { "if-match": seen.etag } },
        }),
      ),
    onSuccess: () => {
      setDocument(seen.document);
      queries.invalidateQueries();
      navigate(`/routing/${kind.kind}`);
    },
  });

  const leaving = useBlocker(
    ({ currentLocation, nextLocation }) => unsaved && currentLocation.pathname !== nextLocation.pathname,
  );
  useEffect(() => {
    if (!unsaved) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", warn);
    return () => removeEventListener("beforeunload", warn);
  }, [unsaved]);

  const production = entity.production;
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
                loading={save.isPending}
                onClick={() => save.mutate(seen.etag)}
              >
                Save
              </Button>
            </>
          )}
        </Group>
      </Group>
      {save.error && conflict === null && (
        <Alert color="red" title="It was not saved" role="alert">
          {save.error.message}
        </Alert>
      )}
      <ProblemList problems={problems} path={entity.path} />
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="lg">
        <Card withBorder>
          <SideTitle title="Sandbox" told={`${seen.author}, ${ago(seen.changed_at)}`}>
            {unsaved ? (
              <Badge color="orange">not saved</Badge>
            ) : (
              <Badge variant="light" color={entity.state === "same" ? "gray" : "yellow"}>
                {entity.state === "same" ? "as in production" : entity.state === "added" ? "new" : "changed"}
              </Badge>
            )}
          </SideTitle>
          <FormOf
            id="sandbox"
            document={document}
            other={production?.document}
            problems={within(problems, entity.path)}
            readOnly={!admin}
            change={setDocument}
          >
            <Form />
          </FormOf>
        </Card>
        <Card withBorder visibleFrom={production ? undefined : "lg"}>
          <SideTitle
            title="Production"
            told={
              production
                ? `revision ${production.revision}, ${production.author}, ${ago(production.changed_at)}`
                : ""
            }
          />
          {production ? (
            <FormOf
              id="production"
              document={production.document}
              other={document}
              problems={[]}
              readOnly
              change={() => {}}
            >
              <Form />
            </FormOf>
          ) : (
            <Text c="dimmed">Not in production yet. Apply the configuration to make it so.</Text>
          )}
        </Card>
      </SimpleGrid>
      {conflict && (
        <Conflict
          mine={document}
          theirs={conflict}
          saving={save.isPending}
          onMine={() => save.mutate(conflict.sandbox.etag)}
          onTheirs={() => {
            setSeen(conflict.sandbox);
            setDocument(conflict.sandbox.document);
            setConflict(null);
            save.reset();
          }}
          onClose={() => setConflict(null)}
        />
      )}
      <Modal opened={removing} onClose={keep} title={`Remove ${document.title || name}?`}>
        <Text>It goes from the sandbox. Production keeps it until the configuration is applied.</Text>
        {remove.error && <Text c="red">{remove.error.message}</Text>}
        <Group justify="flex-end" mt="md">
          <Button variant="default" onClick={keep}>
            Keep it
          </Button>
          <Button color="red" loading={remove.isPending} onClick={() => remove.mutate()}>
            Remove
          </Button>
        </Group>
      </Modal>
      <Modal
        opened={leaving.state === "blocked"}
        onClose={() => leaving.reset?.()}
        title="Leave without saving?"
      >
        <Text>What you changed here is not saved yet.</Text>
        <Group justify="flex-end" mt="md">
          <Button variant="default" onClick={() => leaving.proceed?.()}>
            Leave
          </Button>
          <Button onClick={() => leaving.reset?.()}>Stay here</Button>
        </Group>
      </Modal>
    </Stack>
  );
}

/** What the check says of the entity: as it is saved, or as it stands in the form. */
function useProblems(kind: string, name: string, document: Value, unsaved: boolean): Problem[] {
  const path = `${kind}/${name}`;
  const [draft] = useDebouncedValue(document, 500);
  const saved = useQuery({
    queryKey: ["problems", path],
    queryFn: () => told(client.GET("/api/v1/problems", { params: { query: { path } } })),
  });
  const drafted = useQuery({
    queryKey: ["problems", path, "draft", draft],
    queryFn: () =>
      told(client.POST("/api/v1/problems", { body: { kind: kind as never, name, document: draft } })),
    enabled: unsaved,
    placeholderData: (before) => before,
  });
  return (unsaved ? (drafted.data ?? saved.data) : saved.data)?.problems ?? [];
}

function within(problems: Problem[], path: string): Problem[] {
  return problems
    .filter((one) => one.path === path || one.path.startsWith(`${path}/`))
    .map((one) => ({ ...one, path: one.path.slice(path.length + 1) }));
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

function SideTitle({ title, told, children }: { title: string; told: string; children?: React.ReactNode }) {
  return (
    <Group justify="space-between" mb="md">
      <div>
        <Title order={2} size="h4">
          {title}
        </Title>
        <Text size="xs" c="dimmed">
          {told}
        </Text>
      </div>
      {children}
    </Group>
  );
}

function OnlyProduction({ kind, name }: { kind: Kind; name: string }) {
  const entity = useQuery({
    queryKey: ["production", kind.kind, name],
    queryFn: () =>
      told(
        client.GET("/api/v1/production/{kind}/{name}", {
          params: { path: { kind: kind.kind as never, name } },
        }),
      ),
  });
  const Form = FORMS[kind.kind]!.form;
  if (entity.isLoading) return <Loader aria-label="Loading" />;
  if (!entity.data) return <Missing what={kind.one} />;
  const document: Value = entity.data.document;
  return (
    <Stack maw={720}>
      <Title order={1} size="h2">
        {document.title ?? name}
      </Title>
      <Card withBorder>
        <SideTitle
          title="Production"
          told={`revision ${entity.data.revision}, ${entity.data.author}, ${ago(entity.data.changed_at)}`}
        />
        <FormOf
          id="production"
          document={document}
          other={undefined}
          problems={[]}
          readOnly
          change={() => {}}
        >
          <Form />
        </FormOf>
      </Card>
    </Stack>
  );
}
