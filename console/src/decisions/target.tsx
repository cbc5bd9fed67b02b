/** A target: where it leads, when, and the customer's answer that it waits for. */

import { Alert, Button, Group, Radio, Select, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { client, told } from "../api/client";
import { changed, type Value } from "../entities/document";
import { Framed, useBase, useField } from "../entities/form";
import { Segments } from "../entities/segments";
import { TemplateField, TemplateInput, type TemplateInputProps } from "../entities/texts";
import { withDefault } from "./change";
import { useEditing } from "./editing";
import classes from "./editor.module.css";
import { LineField } from "./fields";
import { GoalField } from "./goal";

const FRESH: Record<string, () => Value> = {
  pattern: () => ({ type: "pattern", pattern: "" }),
  similar: () => ({ type: "similar", words: "" }),
  button: () => ({ type: "button", text: "" }),
  generated_buttons: () => ({
    type: "generated_buttons",
    items: "",
    title: "{{ item.title }}",
    value: "{{ item.id }}",
  }),
};

const TYPES = [
  { value: "button", label: "Button" },
  { value: "similar", label: "Similar" },
  { value: "pattern", label: "Pattern" },
  { value: "generated_buttons", label: "Generated buttons" },
];

const VARIANTS = ["answer", "variants"];

export function TargetForm() {
  const field = useField([]);
  const type: string | null = field.value?.answer?.type ?? null;
  const execution = field.value?.execution ?? "immediately";
  const execute = (next: string) => {
    const { answer, ...rest } = field.value;
    field.set(
      next === "immediately"
        ? { ...rest, execution: next }
        : { ...rest, execution: next, answer: answer ?? FRESH.button!() },
    );
  };
  return (
    <Stack gap="sm">
      <GoalField path={["to"]} label="Next destination" />
      <Segments
        label="Execution"
        size="xs"
        error={field.error}
        readOnly={field.readOnly}
        data={[
          { value: "immediately", label: "Immediately" },
          { value: "when_client_chooses", label: "When client chooses it" },
        ]}
        value={execution}
        onChange={execute}
      />
      {execution === "when_client_chooses" && (
        <>
          <AnswerType />
          {type !== null && <AnswerFields type={type} />}
        </>
      )}
    </Stack>
  );
}

function AnswerType() {
  const field = useField(["answer"]);
  return (
    <Framed field={{ ...field, differs: false }}>
      <Select
        id={`${field.id}-type`}
        label="Answer type"
        allowDeselect={false}
        readOnly={field.readOnly}
        error={field.error}
        data={TYPES}
        value={field.value?.type ?? null}
        onChange={(next) => next !== null && field.set(FRESH[next]!())}
      />
    </Framed>
  );
}

function AnswerFields({ type }: { type: string }) {
  switch (type) {
    case "pattern":
      return (
        <WrittenAnswer
          type="pattern"
          field="pattern"
          label="Pattern"
          description="A regular expression between slashes, such as /[0-9]{6}/. A named group becomes answer.<group>."
        />
      );
    case "similar":
      return (
        <WrittenAnswer
          type="similar"
          field="words"
          label="Words"
          description="Separated by commas. Case, accents and small typing mistakes do not matter."
        />
      );
    case "button":
      return (
        <TemplateField
          path={["answer", "text"]}
          variants={VARIANTS}
          label="Title of the button"
          required
          lines={1}
        />
      );
    case "generated_buttons":
      return (
        <>
          <LineField
            path={["answer", "items"]}
            label="Array"
            description="One button for each element, such as orders.body.items"
            required
            form="expression"
          />
          <LineField path={["answer", "title"]} label="Title of a button" required item />
          <LineField
            path={["answer", "value"]}
            label="Value of a button"
            description="What it stands for; the chosen element can be read as answer.item."
            required
            item
          />
        </>
      );
    default:
      return null;
  }
}

interface Written {
  type: "pattern" | "similar";
  /** What the answer is compared with. */
  field: string;
}

/** An answer that customers write themselves. */
function WrittenAnswer({ type, field, ...said }: Written & { label: string; description: string }) {
  return (
    <>
      <TemplateInput.Provider value={PatternInput}>
        <TemplateField path={["answer", field]} variants={VARIANTS} required lines={1} {...said} />
      </TemplateInput.Provider>
      <Tester type={type} field={field} />
      <DefaultAnswer />
    </>
  );
}

/** Patterns and words are no templates. */
function PatternInput({ lines, set, ...props }: TemplateInputProps) {
  return (
    <Textarea
      {...props}
      autosize
      minRows={lines}
      spellCheck={false}
      classNames={{ input: classes.code }}
      onChange={(event) => set(event.currentTarget.value)}
    />
  );
}

/** Whether an answer fits, by the rules of the conversations themselves. */
function Tester({ type, field }: Written) {
  const { readOnly } = useEditing();
  const wanted = useField(["answer", field]);
  const [text, setText] = useState("");
  const [asked] = useDebouncedValue({ type, wanted: String(wanted.value ?? ""), text }, 300);
  const found = useQuery({
    queryKey: ["matched", asked],
    queryFn: () => told(client.POST("/api/v1/preview/match", { body: asked })),
    enabled: asked.text !== "" && asked.wanted !== "" && !readOnly,
    placeholderData: (before) => before,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const result = asked.text === "" ? undefined : found.data;
  if (readOnly) return null;
  const groups = Object.entries(result?.groups ?? {});
  return (
    <Stack gap={4}>
      <TextInput
        id={`${wanted.id}-try`}
        label="Try an answer"
        placeholder="What a customer might write"
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <div aria-live="polite">
        {result?.mistake && <Alert color="red">{result.mistake}</Alert>}
        {result && !result.mistake && (
          <Text size="sm" c={result.matches ? "green" : "dimmed"}>
            {result.matches ? "It fits" : "It does not fit"}
            {result.word ? `: ${result.word}` : ""}
            {groups.length > 0 &&
              `: ${groups.map(([name, value]) => `answer.${name} = ${value}`).join(", ")}`}
          </Text>
        )}
      </div>
    </Stack>
  );
}

/** Of all answers of the decision, at most one is the default. */
function DefaultAnswer() {
  const { tree, change, decision } = useEditing();
  const field = useField(["answer", "default"], { fallback: false });
  const base = useBase();
  const set = (on: boolean) => {
    const place = base.slice(2);
    const next = withDefault(tree.decisions[decision!], on ? place : null);
    change(changed(tree, ["decisions", decision!], next));
  };
  return (
    <Framed field={field}>
      <Group gap="xs" wrap="nowrap">
        <Radio
          id={field.id}
          label="Default answer"
          description="It is taken when the customer's answer fits none of this decision."
          error={field.error}
          disabled={field.readOnly}
          checked={field.value === true}
          onChange={() => set(true)}
        />
        {field.value === true && !field.readOnly && (
          <Button variant="subtle" size="compact-xs" onClick={() => set(false)}>
            Not the default
          </Button>
        )}
      </Group>
    </Framed>
  );
}
