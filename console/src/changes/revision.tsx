/** A revision: what it changed against any other, its document, the conversations that move to it, and the way back. */

import { Alert, Anchor, Badge, Button, Group, Loader, Select, Stack, Tabs, Text, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconDeviceMobileMessage, IconRestore } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Link, useParams } from "react-router";
import { client, Refused, type Schemas, told } from "../api/client";
import { useMay } from "../api/session";
import { Missing } from "../shell/missing";
import { count, time } from "../words";
import { Differences } from "./differences";
import { Moves, useMoves } from "./moves";
import { Restore } from "./restore";
import { Yaml } from "./yaml";

export function RevisionPage() {
  const number = Number(useParams().number);
  return Number.isInteger(number) && number > 0 ? (
    <RevisionOf key={number} number={number} />
  ) : (
    <Missing what="revision" />
  );
}

function RevisionOf({ number }: { number: number }) {
  const admin = useMay("admin");
  const supervisor = useMay("supervisor");
  const [restoring, { open, close }] = useDisclosure();
  const revision = useQuery({
    queryKey: ["revisions", number],
    queryFn: async () =>
      (await told(
        client.GET("/api/v1/revisions/{number}", { params: { path: { number } } }),
      )) as Schemas["WholeRevision"],
  });
  const moves = useMoves(number, "all").data?.pages[0];
  const moved = moves ? moves.moved + moves.refused + moves.ended + moves.waiting : 0;
  useEffect(() => {
    document.title = `Revision ${number} · Switchboard`;
  }, [number]);
  if (revision.isLoading) return <Loader aria-label="Loading" />;
  if (revision.error instanceof Refused && revision.error.status === 404) return <Missing what="revision" />;
  if (!revision.data) return <Text c="red">{revision.error?.message}</Text>;
  const one = revision.data;
  return (
    <Stack>
      <Group justify="space-between" align="flex-start">
        <div>
          <Anchor component={Link} to="/revisions" size="sm">
            Revisions
          </Anchor>
          <Group gap="xs">
            <Title order={1} size="h2">
              Revision {number}
            </Title>
            {one.current && (
              <Badge color="green" variant="light">
                current
              </Badge>
            )}
          </Group>
          <Text>{one.note}</Text>
          <Text size="sm" c="dimmed">
            {one.author}, {time(one.created_at)} ·{" "}
            <Anchor
              component={Link}
              to={`/conversations?revision=${number}&state=open`}
              size="sm"
              underline="always"
            >
              {count(one.open_conversations, "open conversation")}
            </Anchor>
          </Text>
        </div>
        <Group gap="xs">
          {supervisor && (
            <Button
              component={Link}
              to={`/preview?of=${number}`}
              variant="default"
              leftSection={<IconDeviceMobileMessage size={16} />}
            >
              Preview it
            </Button>
          )}
          {admin && (
            <Button leftSection={<IconRestore size={16} />} onClick={open}>
              Restore into the sandbox
            </Button>
          )}
        </Group>
      </Group>
      {one.override_reason && (
        <Alert color="orange" title="It was applied although scenarios failed">
          {one.override_reason}
        </Alert>
      )}
      <Tabs defaultValue="changes" keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="changes">Changes</Tabs.Tab>
          <Tabs.Tab value="document">Document</Tabs.Tab>
          {moved > 0 && <Tabs.Tab value="moves">Moves ({moved})</Tabs.Tab>}
        </Tabs.List>
        <Tabs.Panel value="changes">
          <Changes number={number} />
        </Tabs.Panel>
        <Tabs.Panel value="document">
          <Yaml number={number} />
        </Tabs.Panel>
        <Tabs.Panel value="moves">
          <Moves number={number} />
        </Tabs.Panel>
      </Tabs>
      {restoring && <Restore number={number} onClose={close} />}
    </Stack>
  );
}

/** What it has that another revision has not. */
function Changes({ number }: { number: number }) {
  const [against, setAgainst] = useState(number - 1);
  const others = useQuery({
    queryKey: ["revisions", "newest"],
    queryFn: () => told(client.GET("/api/v1/revisions", { params: { query: { limit: 200 } } })),
  });
  const diff = useQuery({
    queryKey: ["revisions", number, "diff", against],
    queryFn: () =>
      told(
        client.GET("/api/v1/revisions/{number}/diff", { params: { path: { number }, query: { against } } }),
      ),
    placeholderData: (before) => before,
  });
  const data = [
    ...(others.data?.items ?? [])
      .filter((one) => one.number !== number)
      .map((one) => ({
        value: String(one.number),
        label: `Revision ${one.number}: ${one.note}${one.number === number - 1 ? " (the one before)" : ""}`,
      })),
    { value: "0", label: "Nothing at all" },
  ];
  return (
    <Stack gap="sm">
      <Select
        label="Against"
        maw={420}
        allowDeselect={false}
        searchable
        data={data}
        value={String(against)}
        onChange={(value) => setAgainst(Number(value))}
      />
      {diff.error && <Text c="red">{diff.error.message}</Text>}
      {diff.isLoading && <Loader aria-label="Loading" />}
      {diff.data && <Differences diff={diff.data} />}
    </Stack>
  );
}
