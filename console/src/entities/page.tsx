/** An entity: the sandbox and production side by side, with who changed what when, and what is wrong. */

import { Loader, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Suspense, useEffect } from "react";
import { useParams } from "react-router";
import { client, Refused, type Schemas, told } from "../api/client";
import { useMay } from "../api/session";
import { type Kind, kindOf } from "../kinds";
import { Missing } from "../shell/missing";
import { ago } from "../words";
import { Around, StateBadge } from "./around";
import type { Value } from "./document";
import { entityKey, useDraft, within } from "./draft";
import { FormOf } from "./form";
import { FORMS } from "./forms";
import { ProductionForm, revised, Side, SideTitle } from "./sides";

export function EntityPage() {
  const { kind: given = "", name = "" } = useParams();
  const kind = kindOf(given);
  const supervisor = useMay("supervisor");
  if (kind === undefined || FORMS[kind.kind] === undefined) return <Missing />;
  const Page = supervisor ? Sandboxed : OnlyProduction;
  return (
    <Suspense fallback={<Loader aria-label="Loading" />}>
      <Page key={`${kind.kind}/${name}`} kind={kind} name={name} />
    </Suspense>
  );
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
  const Own = FORMS[kind.kind]!.editor ?? Editor;
  return <Own kind={kind} name={name} entity={entity.data} />;
}

function Editor({ kind, name, entity }: { kind: Kind; name: string; entity: Schemas["SandboxEntity"] }) {
  const admin = useMay("admin");
  const draft = useDraft(kind, name, entity);
  const Form = FORMS[kind.kind]!.form;
  const production = entity.production;
  return (
    <Around draft={draft}>
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="lg">
        <Side
          title="Sandbox"
          told={`${draft.seen.author}, ${ago(draft.seen.changed_at)}`}
          badge={<StateBadge draft={draft} />}
        >
          <FormOf
            id="sandbox"
            document={draft.document}
            other={production?.document}
            problems={within(draft.problems, entity.path)}
            readOnly={!admin}
            change={draft.change}
          >
            <Form />
          </FormOf>
        </Side>
        <Side
          title="Production"
          told={production ? revised(production) : ""}
          visibleFrom={production ? undefined : "lg"}
        >
          {production ? (
            <ProductionForm document={production.document} other={draft.document}>
              <Form />
            </ProductionForm>
          ) : (
            <Text c="dimmed">Not in production yet. Apply the configuration to make it so.</Text>
          )}
        </Side>
      </SimpleGrid>
    </Around>
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
  const { form: Form, reader: Reader } = FORMS[kind.kind]!;
  if (entity.isLoading) return <Loader aria-label="Loading" />;
  if (!entity.data) return <Missing what={kind.one} />;
  const document: Value = entity.data.document;
  const side = { title: "Production", told: revised(entity.data) };
  return (
    <Stack maw={Reader ? undefined : 720}>
      <Title order={1} size="h2">
        {document.title ?? name}
      </Title>
      {Reader ? (
        <>
          <SideTitle {...side} />
          <Reader name={name} document={document} />
        </>
      ) : (
        <Side {...side}>
          <ProductionForm document={document}>
            <Form />
          </ProductionForm>
        </Side>
      )}
    </Stack>
  );
}
