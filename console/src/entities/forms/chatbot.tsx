/** A chatbot of a third party. */

import { Stack } from "@mantine/core";
import { DurationField, SwitchField, TagsField, TextField } from "../fields";
import { DestinationField } from "../references";
import { TitleFields } from "./plain";

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
      <TagsField path={["send_custom_fields"]} label="Send custom fields" placeholder="Name of a field" />
      <DurationField path={["timeout"]} label="Time for an answer" fallback={10} />
      <SelectSecret />
    </Stack>
  );
}

function SelectSecret() {
  return (
    <TextField
      path={["secret"]}
      label="Secret"
      description="secrets.<name>: signs what we send, and is then required of what the chatbot sends."
      placeholder="secrets.bot"
    />
  );
}
