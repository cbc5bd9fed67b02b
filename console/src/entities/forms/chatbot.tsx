/** A chatbot of a third party. */

import { Button, Code, Fieldset, Group, Input, MultiSelect, Stack, Text, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { EnterSecret, useSecrets } from "../../admin/secrets";
import { client, Refused, told } from "../../api/client";
import { useMay, useSession } from "../../api/session";
import { Copied } from "../../parts/copied";
import { DurationField, SelectField, SwitchField, TextField } from "../fields";
import { Framed, useField } from "../form";
import { DestinationField, useItems } from "../references";
import { TitleFields } from "./plain";
import { useSide } from "./side";

export function Chatbot() {
  return (
    <Stack>
      <TitleFields />
      <TextField
        path={["url"]}
        label="Chatbot URL"
        description="Where we send what the customer writes."
        required
      />
      <DestinationField
        path={["fallback"]}
        label="Fallback"
        description="Where conversations go when the chatbot cannot be reached."
      />
      <SwitchField
        path={["send_start_message"]}
        label="Send start message"
        description="Tell the chatbot at once that a conversation begins, with what the customer has written."
      />
      <SwitchField
        path={["send_attachments"]}
        label="Send attachments"
        description="Send what attachments the customer sends."
      />
      <CustomFieldsField />
      <DurationField path={["timeout"]} label="Time for an answer" fallback={10} />
      <SecretField />
      <Callback />
      <Trial />
    </Stack>
  );
}

/** The address that the chatbot answers to; each conversation has a hash of its own. */
function Callback() {
  const { of } = useSide();
  const { chatbot_callback: callback } = useSession();
  if (of !== "sandbox") return null;
  return (
    <Input.Wrapper
      label="Callback URL"
      description="Where the chatbot sends its answers. Each message to it names this address with the hash of its conversation; there is nothing to set."
      labelElement="div"
    >
      <Copied value={callback} label="the callback URL" />
    </Input.Wrapper>
  );
}

/** Sends the start message as the form stands, and shows what was sent and what came back. */
function Trial() {
  const admin = useMay("admin");
  const { of } = useSide();
  const whole = useField([]);
  const [text, setText] = useState("Hello");
  const trial = useMutation({
    mutationFn: () => told(client.POST("/api/v1/chatbots/test", { body: { document: whole.value, text } })),
  });
  if (!admin || of !== "sandbox") return null;
  return (
    <Fieldset legend="Try it">
      <Stack gap="sm">
        <Group align="flex-end">
          <TextInput
            label="What the customer writes"
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            flex={1}
          />
          <Button variant="default" loading={trial.isPending} onClick={() => trial.mutate()}>
            Send the start message
          </Button>
        </Group>
        {trial.error && (
          <Text size="sm" c="red" role="alert">
            {[
              trial.error.message,
              ...(trial.error instanceof Refused ? trial.error.problems : []).map(
                (one) => `${one.path}: ${one.message}`,
              ),
            ].join(" ")}
          </Text>
        )}
        {trial.data && (
          <div role="status">
            <Text size="sm" fw={500}>
              Sent
            </Text>
            <Code block>{JSON.stringify(trial.data.sent, null, 2)}</Code>
            <Text size="sm" fw={500} mt="sm">
              {trial.data.status === null ? "No answer" : `Answered ${trial.data.status}`}
            </Text>
            <Code block>{trial.data.error ?? (trial.data.answer || "(nothing)")}</Code>
          </div>
        )}
      </Stack>
    </Fieldset>
  );
}

const NAMED = "secrets.";

/** Which secret signs: chosen by name by those who may see the names, and written by the others. */
function SecretField() {
  const admin = useMay("admin");
  const field = useField(["secret"]);
  const secrets = useSecrets(admin);
  const [entering, setEntering] = useState(false);
  const description = "Signs what we send, and is then required of what the chatbot sends.";
  if (!admin) return <TextField path={["secret"]} label="Secret" description={description} />;
  const choices = (secrets.data?.items ?? []).map((one) => ({
    value: `${NAMED}${one.name}`,
    label: one.updated_at ? one.name : `${one.name} (not entered yet)`,
  }));
  return (
    <>
      <SelectField
        path={["secret"]}
        label="Secret"
        description={description}
        placeholder="Nothing is signed"
        searchable
        choices={choices}
      />
      {!field.readOnly && (
        <Button variant="light" size="xs" w="fit-content" onClick={() => setEntering(true)}>
          Enter a secret
        </Button>
      )}
      {entering && (
        <EnterSecret
          name=""
          onClose={() => setEntering(false)}
          onEntered={(name) => field.set(`${NAMED}${name}`)}
        />
      )}
    </>
  );
}

/** Which custom fields of the customer are told to the chatbot. */
function CustomFieldsField() {
  const field = useField(["send_custom_fields"], { deep: true, fallback: [] });
  const items = useItems("custom_fields");
  const value: string[] = Array.isArray(field.value) ? field.value.map(String) : [];
  const choices = items.map((one) => ({ value: one.name, label: one.title }));
  const unknown = value.filter((name) => !items.some((one) => one.name === name));
  return (
    <Framed field={field}>
      <MultiSelect
        id={field.id}
        label="Send custom fields"
        description="Of the customer, with each message."
        placeholder={value.length > 0 || field.readOnly ? undefined : "None"}
        readOnly={field.readOnly}
        error={field.error}
        data={[...choices, ...unknown.map((name) => ({ value: name, label: `${name} (there is none)` }))]}
        value={value}
        onChange={(next) => field.set(next.length > 0 ? next : undefined)}
      />
    </Framed>
  );
}
