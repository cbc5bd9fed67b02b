/** The languages: the default one and those that are offered, the sandbox beside production. */

import { Alert, Badge, Button, Group, Loader, SimpleGrid, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconDeviceFloppy, IconLanguage } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { client, Refused, type Schemas, told } from "../api/client";
import { useMay } from "../api/session";
import { Problems } from "../changes/problems";
import { Heading } from "../parts/heading";
import { Leaving } from "../parts/leaving";
import { ago } from "../words";
import { Conflict } from "./conflict";
import { same, type Value } from "./document";
import { within } from "./draft";
import { SelectField, TagsField } from "./fields";
import { FormOf, useField } from "./form";
import { ProductionForm, revised, Side } from "./sides";
import { languageName } from "./texts";

type Entity = Schemas["SandboxEntity"];

const KEY = ["entity", "languages", ""];
/** What a document means that says nothing of languages. */
const NOTHING: Value = { default: "en", offered: ["en"] };

export function LanguagesPage() {
  const supervisor = useMay("supervisor");
  return (
    <Stack>
      <Heading
        title="Languages"
        icon={IconLanguage}
        about="In which customers are answered. What they write tells which one is theirs, unless a decision sets it."
      />
      {supervisor ? <Sandboxed /> : <OnlyProduction />}
    </Stack>
  );
}

/** Null where the sandbox says nothing of languages. */
async function read(): Promise<Entity | null> {
  try {
    return await told(client.GET("/api/v1/sandbox/languages"));
  } catch (error) {
    if (error instanceof Refused && error.status === 404) return null;
    throw error;
  }
}

function Sandboxed() {
  const entity = useQuery({ queryKey: KEY, queryFn: read, refetchOnWindowFocus: false });
  if (entity.isLoading) return <Loader aria-label="Loading" />;
  if (entity.data === undefined) return <Text c="red">{entity.error?.message}</Text>;
  return <Editor entity={entity.data} />;
}

function Editor({ entity }: { entity: Entity | null }) {
  const admin = useMay("admin");
  const queries = useQueryClient();
  const [seen, setSeen] = useState(entity);
  const [document, setDocument] = useState<Value>(entity?.sandbox.document ?? NOTHING);
  const [conflict, setConflict] = useState<Entity | null>(null);
  const unsaved = !same(document, seen?.sandbox.document ?? NOTHING);
  const problems = useQuery({
    queryKey: ["problems", "languages"],
    queryFn: () => told(client.GET("/api/v1/problems", { params: { query: { path: "languages" } } })),
  });
  const save = useMutation({
    mutationFn: (etag: string | undefined) =>
      told(
        client.PUT("/api/v1/sandbox/languages", {
          params: { header: etag === undefined ? { "if-none-match": "*" } : { "if-match": etag } },
          body: document,
        }),
      ),
    onSuccess: (saved) => {
      setSeen(saved);
      setDocument(saved.sandbox.document);
      setConflict(null);
      queries.setQueryData(KEY, saved);
      queries.invalidateQueries();
      notifications.show({ message: "Saved in the sandbox", color: "green" });
    },
    onError: async (error) => {
      if (error instanceof Refused && (error.status === 412 || error.status === 409))
        setConflict(await read());
    },
  });
  const production = entity?.production;
  const found = problems.data?.problems ?? [];
  return (
    <>
      {admin && (
        <Group justify="flex-end">
          <Button
            leftSection={<IconDeviceFloppy size={16} />}
            disabled={!unsaved}
            loading={save.isPending}
            onClick={() => save.mutate(seen?.sandbox.etag)}
          >
            Save
          </Button>
        </Group>
      )}
      {save.error && conflict === null && (
        <Alert color="red" title="It was not saved" role="alert">
          {save.error.message}
        </Alert>
      )}
      {save.error instanceof Refused && conflict === null && <Problems problems={save.error.problems} />}
      <Problems problems={found} />
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="lg">
        <Side
          title="Sandbox"
          told={seen ? `${seen.sandbox.author}, ${ago(seen.sandbox.changed_at)}` : "not set"}
          badge={
            unsaved ? (
              <Badge color="orange">not saved</Badge>
            ) : (
              <Badge variant="light" color={seen?.differs ? "yellow" : "gray"}>
                {seen?.differs ? "changed" : "as in production"}
              </Badge>
            )
          }
        >
          <FormOf
            id="sandbox"
            document={document}
            other={production ? { ...NOTHING, ...production.document } : undefined}
            problems={within(found, "languages")}
            readOnly={!admin}
            change={setDocument}
          >
            <Fields />
          </FormOf>
        </Side>
        <Side title="Production" told={production ? revised(production) : "English only, as nothing is set"}>
          <ProductionForm document={production?.document ?? NOTHING} other={document}>
            <Fields />
          </ProductionForm>
        </Side>
      </SimpleGrid>
      {conflict && (
        <Conflict
          mine={document}
          theirs={conflict}
          saving={save.isPending}
          onMine={() => save.mutate(conflict.sandbox.etag)}
          onTheirs={() => {
            setSeen(conflict);
            setDocument(conflict.sandbox.document);
            setConflict(null);
            save.reset();
          }}
          onClose={() => setConflict(null)}
        />
      )}
      <Leaving unsaved={unsaved} />
    </>
  );
}

function Fields() {
  const offered = useField(["offered"], { fallback: ["en"] });
  const codes: string[] = Array.isArray(offered.value) ? offered.value.map(String) : ["en"];
  return (
    <Stack>
      <TagsField
        path={["offered"]}
        label="Offered"
        description={`As codes of two letters, such as en or cs. Now: ${codes.map(languageName).join(", ")}.`}
        placeholder="Add a code, Enter"
      />
      <SelectField
        path={["default"]}
        label="Default"
        description="For customers whose language is not known, and for texts without a variant."
        fallback="en"
        required
        choices={codes.map((one) => ({ value: one, label: languageName(one) }))}
      />
    </Stack>
  );
}

function OnlyProduction() {
  const entity = useQuery({
    queryKey: ["production", "languages"],
    queryFn: async () => {
      try {
        return await told(client.GET("/api/v1/production/languages"));
      } catch (error) {
        if (error instanceof Refused && error.status === 404) return null;
        throw error;
      }
    },
  });
  if (entity.isLoading) return <Loader aria-label="Loading" />;
  if (entity.data === undefined) return <Text c="red">{entity.error?.message}</Text>;
  return (
    <Side title="Production" told={entity.data ? `revision ${entity.data.revision}` : "nothing is set"}>
      <ProductionForm document={entity.data?.document ?? NOTHING}>
        <Fields />
      </ProductionForm>
    </Side>
  );
}
