/** What the outside does, given by hand: answers of requests, the chatbot, and people at the desk. */

import {
  Button,
  Card,
  Code,
  Group,
  NumberInput,
  SegmentedControl,
  Select,
  Stack,
  TagsInput,
  Text,
  Textarea,
  Title,
} from "@mantine/core";
import { useState } from "react";
import type { Value } from "../entities/document";
import { slug } from "../entities/new";
import { People } from "./people";
import { type Act, named, type Step } from "./script";

interface Doing {
  act: (act: Act) => void;
}

/** What is asked for now, if anything is. */
export function Outside({
  step,
  steps,
  document,
  recorded,
  act,
}: Doing & { step: Step | undefined; steps: Step[]; document: Value; recorded: boolean }) {
  const waits = step?.rests?.waits_for;
  if (!step || !waits || waits === "nothing") return null;
  if (step.pending)
    return <Requested key={step.number} pending={step.pending} recorded={recorded} act={act} />;
  return (
    <>
      {waits === "chatbot" && <Bot steps={steps} document={document} act={act} />}
      <People waiting={waits === "queue" || waits === "people"} document={document} act={act} />
    </>
  );
}

function Requested({
  pending,
  recorded,
  act,
}: Doing & { pending: NonNullable<Step["pending"]>; recorded: boolean }) {
  const [how, setHow] = useState<"given" | "unreachable" | "recorded">(recorded ? "recorded" : "given");
  const [status, setStatus] = useState<number | string>(200);
  const [body, setBody] = useState("{}");
  const { asked } = pending;
  let parsed: Value;
  let readable = true;
  try {
    parsed = body.trim() === "" ? null : JSON.parse(body);
  } catch {
    readable = false;
  }
  return (
    <Card withBorder p="sm">
      <Title order={2} size="h5">
        A request waits for its answer
      </Title>
      <Code block my="xs" fz="xs">
        {asked.method} {asked.url}
        {asked.body == null ? "" : `\n${JSON.stringify(asked.body, null, 2)}`}
      </Code>
      <Stack gap="xs">
        <SegmentedControl
          aria-label="What becomes of the request"
          size="xs"
          data={[
            ...(recorded ? [{ value: "recorded", label: "As it was" }] : []),
            { value: "given", label: "It answers" },
            { value: "unreachable", label: "It fails" },
          ]}
          value={how}
          onChange={(value) => setHow(value as typeof how)}
        />
        {how === "given" && (
          <>
            <NumberInput label="Status" min={100} max={599} value={status} onChange={setStatus} w={110} />
            <Textarea
              label="JSON"
              rows={5}
              spellCheck={false}
              value={body}
              onChange={(event) => setBody(event.currentTarget.value)}
              error={readable ? null : "This is no JSON"}
              styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
            />
          </>
        )}
        <Button
          w="fit-content"
          disabled={how === "given" && !readable}
          onClick={() =>
            act(
              how === "given"
                ? { type: "request", answer: how, status: Number(status), body: parsed }
                : { type: "request", answer: how },
            )
          }
        >
          Answer
        </Button>
      </Stack>
    </Card>
  );
}

function Bot({ steps, document, act }: Doing & { steps: Step[]; document: Value }) {
  const [text, setText] = useState("");
  const [replies, setReplies] = useState<string[]>([]);
  const [transfer, setTransfer] = useState<string | null>(null);
  const asked = steps.flatMap((one) => one.effects.bots).at(-1);
  return (
    <Card withBorder p="sm">
      <Title order={2} size="h5">
        The chatbot has the conversation
      </Title>
      {asked && (
        <details>
          <Text component="summary" size="xs" c="dimmed">
            What it was sent last
          </Text>
          <Code block fz="xs">
            {JSON.stringify(asked.body, null, 2)}
          </Code>
        </details>
      )}
      <Stack gap="xs" mt="xs">
        <Textarea
          label="It says"
          autosize
          minRows={1}
          maxRows={4}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <TagsInput
          label="Quick replies"
          placeholder="Enter adds one"
          size="xs"
          value={replies}
          onChange={setReplies}
        />
        <Select
          label="Hands over to"
          placeholder="Nobody"
          size="xs"
          clearable
          data={named(document?.queues)}
          value={transfer}
          onChange={setTransfer}
        />
        <Group gap="xs">
          <Button
            size="xs"
            disabled={text === "" && transfer === null}
            onClick={() => {
              act({
                type: "reply",
                text,
                quickreplies: replies.map((one) => ({ name: slug(one) || one, text: one })),
                ...(transfer ? { transfer } : {}),
              });
              setText("");
              setReplies([]);
              setTransfer(null);
            }}
          >
            Reply
          </Button>
          <Button size="xs" variant="default" onClick={() => act({ type: "bot_fails" })}>
            It fails
          </Button>
        </Group>
      </Stack>
    </Card>
  );
}
