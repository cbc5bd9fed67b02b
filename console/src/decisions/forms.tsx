/** The form of each kind of action, but for targets. */

import { Code, Group, Input, Select, SimpleGrid, Stack } from "@mantine/core";
import type { Value } from "../entities/document";
import { ChoiceField, DurationField, NumberField, SelectField, TextField } from "../entities/fields";
import { Framed, useField } from "../entities/form";
import { ItemsField } from "../entities/items";
import { NameField } from "../entities/references";
import { Segments } from "../entities/segments";
import { TemplateField } from "../entities/texts";
import { JsonInput, LineField, PairsField, ValueField } from "./fields";
import { TargetForm } from "./target";

/** The fields of the action at which the form is. */
export function ActionForm({ type }: { type: string }) {
  switch (type) {
    case "request":
      return <RequestForm />;
    case "send_message":
      return <MessageForm />;
    case "save_data":
      return <SaveForm />;
    case "create_ticket":
      return <TicketForm />;
    case "condition":
      return <ConditionForm />;
    case "loop":
      return <LoopForm />;
    case "target":
      return <TargetForm />;
    default:
      return <UnknownForm />;
  }
}

function RequestForm() {
  const into = useField(["into"]).value || "…";
  return (
    <Stack gap="sm">
      <LineField path={["url"]} label="URL" required form="url" secrets />
      <SimpleGrid cols={2} spacing="sm">
        <SelectField
          path={["method"]}
          label="Method"
          fallback="GET"
          required
          choices={["GET", "POST", "PUT", "PATCH", "DELETE"].map((one) => ({ value: one, label: one }))}
        />
        <TextField path={["into"]} label="Name of the answer" placeholder="orders" required />
      </SimpleGrid>
      <Input.Description>
        The answer can be read as <Code>{`{{ ${into}.body }}`}</Code>; <Code>{`${into}.ok`}</Code> says
        whether it came.
      </Input.Description>
      <PairsField path={["headers"]} label="Headers" />
      <BodyField />
      <DurationField path={["timeout"]} label="Time for the answer" fallback={10} />
    </Stack>
  );
}

/** What is sent along: nothing, a text, or JSON whose texts are templates. */
function BodyField() {
  const field = useField(["body"], { deep: true });
  const value = field.value;
  const sort = value === undefined || value === null ? "none" : typeof value === "string" ? "text" : "json";
  return (
    <Framed field={field}>
      <Stack gap={6}>
        <Segments
          label="Body"
          size="xs"
          error={sort === "text" ? null : field.error}
          readOnly={field.readOnly}
          data={[
            { value: "none", label: "None" },
            { value: "json", label: "JSON" },
            { value: "text", label: "Text" },
          ]}
          value={sort}
          onChange={(next) => field.set(next === "none" ? undefined : next === "text" ? "" : {})}
        />
        {sort === "json" && (
          <JsonInput
            id={field.id}
            label="Body"
            readOnly={field.readOnly}
            value={value}
            set={(next) => field.set(next === undefined ? {} : next)}
          />
        )}
        {sort === "text" && <LineField path={["body"]} label="Text of the body" required lines={3} secrets />}
      </Stack>
    </Framed>
  );
}

function MessageForm() {
  return (
    <Stack gap="sm">
      <TemplateField path={["text"]} variants={["variants"]} label="Text" required />
      <LineField
        path={["image"]}
        label="Image"
        description="The address of a picture that is sent as well."
      />
      <ItemsField
        path={["buttons"]}
        label="Buttons"
        description="Each opens a web page."
        one="button"
        fresh={() => ({ text: "", url: "https://" })}
      >
        {() => (
          <Stack gap="xs">
            <TemplateField path={["text"]} variants={["variants"]} label="Title" required lines={1} />
            <LineField path={["url"]} label="Web page" required />
          </Stack>
        )}
      </ItemsField>
    </Stack>
  );
}

function SaveForm() {
  const scope = useField(["scope"]).value ?? "conversation";
  const field = useField(["field"]).value || "…";
  return (
    <Stack gap="sm">
      <ChoiceField
        path={["scope"]}
        label="Kept for"
        fallback="conversation"
        choices={[
          { value: "conversation", label: "This conversation" },
          { value: "contact", label: "The customer" },
        ]}
      />
      {scope === "contact" ? (
        <NameField path={["field"]} kind="custom_fields" label="Custom field" required />
      ) : (
        <TextField
          path={["field"]}
          label="Field"
          description={`It can be read as {{ data.${field} }}; “language” sets the customer's language.`}
          required
        />
      )}
      <ValueField path={["value"]} label="Value" />
    </Stack>
  );
}

function TicketForm() {
  return (
    <Stack gap="sm">
      <LineField path={["title"]} label="Title" required />
      <NameField path={["category"]} kind="categories" label="Category" required />
      <LineField path={["comment"]} label="Comment" lines={3} />
      <ChoiceField
        path={["priority"]}
        label="Priority"
        fallback="normal"
        choices={["low", "normal", "high", "urgent"].map((one) => ({ value: one, label: one }))}
      />
    </Stack>
  );
}

const OPERATORS: { value: string; label: string }[] = [
  { value: "equals", label: "equals" },
  { value: "not_equals", label: "does not equal" },
  { value: "contains", label: "contains" },
  { value: "not_contains", label: "does not contain" },
  { value: "starts_with", label: "starts with" },
  { value: "ends_with", label: "ends with" },
  { value: "matches", label: "matches the pattern" },
  { value: "greater", label: "is greater than" },
  { value: "greater_equal", label: "is at least" },
  { value: "less", label: "is less than" },
  { value: "less_equal", label: "is at most" },
  { value: "is_empty", label: "is empty" },
  { value: "is_not_empty", label: "is not empty" },
  { value: "in", label: "is one of" },
  { value: "language_is", label: "the language is" },
];

function ConditionForm() {
  const field = useField([]);
  const mode = field.value?.any !== undefined ? "any" : "all";
  const turn = (next: string) => {
    const { all, any, ...rest } = field.value;
    field.set({ ...rest, [next]: any ?? all ?? [] });
  };
  return (
    <Stack gap="sm">
      <Segments
        label="It holds"
        size="xs"
        error={field.error}
        readOnly={field.readOnly}
        data={[
          { value: "all", label: "if all are true" },
          { value: "any", label: "if any is true" },
        ]}
        value={mode}
        onChange={turn}
      />
      <ItemsField
        path={[mode]}
        label="Parameters"
        one="parameter"
        fresh={() => ({ left: "", operator: "equals", right: "" })}
      >
        {() => <Predicate />}
      </ItemsField>
    </Stack>
  );
}

function Predicate() {
  const field = useField([]);
  const operator: string = field.value?.operator ?? "equals";
  // Which fields an operator reads is what the form asks for; what is there too much, the check says.
  const left = operator !== "language_is" || field.value?.left;
  const right = !operator.startsWith("is_") || field.value?.right !== undefined;
  const turn = (next: string | null) => {
    const { left: before, right: other, ...rest } = field.value ?? {};
    field.set({
      ...rest,
      operator: next,
      ...(next === "language_is" ? {} : { left: before ?? "" }),
      ...(next?.startsWith("is_") ? {} : { right: other ?? "" }),
    });
  };
  return (
    <Stack gap="xs">
      {left && <LineField path={["left"]} label="Value" required form="expression" />}
      <OperatorField value={operator} readOnly={field.readOnly} set={turn} />
      {right && <ValueField path={["right"]} label="Compared with" />}
    </Stack>
  );
}

function OperatorField({
  value,
  readOnly,
  set,
}: {
  value: string;
  readOnly: boolean;
  set: (value: string | null) => void;
}) {
  const field = useField(["operator"]);
  return (
    <Framed field={field}>
      <Select
        id={field.id}
        label="Operator"
        allowDeselect={false}
        readOnly={readOnly}
        error={field.error}
        data={OPERATORS}
        value={value}
        onChange={set}
      />
    </Framed>
  );
}

function LoopForm() {
  return (
    <Stack gap="sm">
      <LineField
        path={["items"]}
        label="Array"
        description="Such as orders.body.items"
        required
        form="expression"
      />
      <SimpleGrid cols={2} spacing="sm">
        <TextField path={["as"]} label="Name of an item" placeholder="order" required />
        <NumberField path={["at_most"]} label="At most" min={1} fallback={100} />
      </SimpleGrid>
    </Stack>
  );
}

function UnknownForm() {
  const value: Value = useField([]).value;
  return (
    <Group>
      <Code block>{JSON.stringify(value, null, 2)}</Code>
    </Group>
  );
}
