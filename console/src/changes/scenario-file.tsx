/** The file of scenarios as YAML: written here, checked by the API when it is saved, never lost on a conflict. */

import { Alert, Button, Group, Loader, Modal, SimpleGrid, Stack, Text, Textarea } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconDeviceFloppy } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { client, Refused, told, whole } from "../api/client";
import { useMay } from "../api/session";
import { Leaving } from "../parts/leaving";
import classes from "./changes.module.css";
import { Problems } from "./problems";

interface Written {
  text: string;
  etag: string;
}

const FILE = ["scenarios", "file"];
const YAML = "application/yaml";

async function read(): Promise<Written> {
  const { data, etag } = await whole(
    client.GET("/api/v1/scenarios", { headers: { Accept: YAML }, parseAs: "text" }),
  );
  return { text: data as string, etag };
}

/** `name`: the scenario at which the file is opened. */
export function ScenarioFile({ name }: { name: string | null }) {
  const file = useQuery({ queryKey: FILE, queryFn: read, refetchOnWindowFocus: false });
  if (file.isLoading) return <Loader aria-label="Loading" />;
  if (!file.data) return <Text c="red">{file.error?.message}</Text>;
  return <Editor file={file.data} name={name} />;
}

function Editor({ file, name }: { file: Written; name: string | null }) {
  const admin = useMay("admin");
  const queries = useQueryClient();
  const [seen, setSeen] = useState(file);
  const [text, setText] = useState(file.text);
  const [theirs, setTheirs] = useState<Written | null>(null);
  const area = useRef<HTMLTextAreaElement>(null);
  const unsaved = text !== seen.text;
  const save = useMutation({
    mutationFn: (etag: string) =>
      told(
        client.PUT("/api/v1/scenarios", {
          params: { header: { "if-match": etag } },
          headers: { "Content-Type": YAML },
          body: text as never,
          bodySerializer: (body) => body as never,
        }),
      ),
    onSuccess: async () => {
      const now = await read();
      setSeen(now);
      setText(now.text);
      setTheirs(null);
      queries.setQueryData(FILE, now);
      queries.invalidateQueries({ queryKey: ["scenarios"] });
      notifications.show({ message: "The scenarios are saved", color: "green" });
    },
    onError: async (error) => {
      if (error instanceof Refused && error.status === 412) setTheirs(await read());
    },
  });
  const show = (position: number) => {
    const found = area.current;
    if (found === null || position < 0) return;
    found.focus();
    found.setSelectionRange(position, position);
    const line = text.slice(0, position).split("\n").length - 1;
    found.scrollTop = line * 19.5 - 60;
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: only when the file is opened
  useEffect(() => {
    if (name !== null) show(text.indexOf(`\n  ${name}:`) + 1 || -1);
  }, [name]);
  const refused = save.error instanceof Refused && save.error.status !== 412 ? save.error : null;
  const line = refused?.problems.map((one) => /\bline (\d+)\b/.exec(one.message)?.[1]).find(Boolean);
  return (
    <Stack>
      <Group justify="space-between">
        <Text size="sm" c="dimmed">
          YAML. Comments are not kept.
        </Text>
        {admin && (
          <Group gap="xs">
            <Button variant="default" disabled={!unsaved} onClick={() => setText(seen.text)}>
              Throw changes away
            </Button>
            <Button
              leftSection={<IconDeviceFloppy size={16} />}
              disabled={!unsaved}
              loading={save.isPending}
              onClick={() => save.mutate(seen.etag)}
            >
              Save
            </Button>
          </Group>
        )}
      </Group>
      {refused && (
        <Stack gap="xs">
          <Problems problems={refused.problems} title={refused.message} />
          {refused.problems.length === 0 && <Alert color="red">{refused.message}</Alert>}
          {line && (
            <Button
              size="compact-sm"
              variant="default"
              w="fit-content"
              onClick={() => show(startOf(text, Number(line)))}
            >
              Go to line {line}
            </Button>
          )}
        </Stack>
      )}
      {save.error && !(save.error instanceof Refused) && <Alert color="red">{save.error.message}</Alert>}
      <Textarea
        ref={area}
        aria-label="Scenarios as YAML"
        className={classes.editor}
        rows={30}
        spellCheck={false}
        readOnly={!admin}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      {theirs && (
        <Modal
          opened
          size="xl"
          onClose={() => setTheirs(null)}
          title="Somebody else has saved these meanwhile"
        >
          <Stack>
            <Text>Nothing of yours is lost: choose what is to stay, or close this and change yours.</Text>
            <SimpleGrid cols={{ base: 1, sm: 2 }}>
              <Textarea label="Yours" className={classes.editor} rows={16} readOnly value={text} />
              <Textarea label="Theirs" className={classes.editor} rows={16} readOnly value={theirs.text} />
            </SimpleGrid>
            <Group justify="flex-end">
              <Button variant="default" onClick={() => setTheirs(null)}>
                Go on editing
              </Button>
              <Button
                variant="default"
                onClick={() => {
                  setSeen(theirs);
                  setText(theirs.text);
                  setTheirs(null);
                  save.reset();
                }}
              >
                Take theirs
              </Button>
              <Button loading={save.isPending} onClick={() => save.mutate(theirs.etag)}>
                Save mine over it
              </Button>
            </Group>
          </Stack>
        </Modal>
      )}
      <Leaving unsaved={unsaved} />
    </Stack>
  );
}

function startOf(text: string, line: number): number {
  return text
    .split("\n")
    .slice(0, line - 1)
    .reduce((sum, one) => sum + one.length + 1, 0);
}
