/** A connector: where an Instagram account's messages go, and how. */

import { Stack, Title } from "@mantine/core";
import { ChoiceField, DurationField, SwitchField, TextField } from "../fields";
import { ItemsField } from "../items";
import { DestinationField, NameField } from "../references";
import { AccessToken } from "./access-token";
import { Optional } from "./optional";
import { TitleFields } from "./plain";

export function Connector() {
  return (
    <Stack>
      <AccessToken />
      <TitleFields />
      <DestinationField
        path={["next"]}
        label="Next destination"
        description="Where conversations go first."
      />
      <ChoiceField
        path={["attachments"]}
        label="Allow attachments"
        fallback="customer"
        choices={[
          { value: "none", label: "None" },
          { value: "customer", label: "From customers" },
          { value: "both", label: "Both directions" },
        ]}
      />
      <TextField
        path={["account"]}
        label="Instagram account"
        description="Its id; filled in when the connector is authorised."
      />
      <Title order={3} size="h5">
        Several messages in a row
      </Title>
      <ChoiceField
        path={["burst", "answer"]}
        label="Messages that nobody has read yet"
        fallback="join"
        choices={[
          { value: "join", label: "Are one answer" },
          { value: "each", label: "One after the other" },
          { value: "last", label: "Only the last counts" },
        ]}
      />
      <DurationField
        path={["burst", "quiet"]}
        label="Wait for silence"
        description="An answer counts when the customer has been silent so long."
        fallback={0}
      />
      <Title order={3} size="h5">
        Silence and people
      </Title>
      <Optional
        path={["idle"]}
        label="Customers who are silent"
        description="While a tree or a chatbot waits for them."
        fresh={() => ({ after: "PT30M", to: { type: "terminate", name: "" } })}
      >
        <DurationField path={["idle", "after"]} label="Silent for" required />
        <DestinationField path={["idle", "to"]} label="Go to" />
      </Optional>
      <SwitchField
        path={["takeover"]}
        label="A reply in the Instagram app takes over"
        description="The tree or bot stops, and the conversation is people's."
        fallback={true}
      />
      <NameField
        path={["takeover_queue"]}
        kind="queues"
        label="Queue of taken over conversations"
        description="Empty: the list of unassigned conversations."
      />
      <ItemsField
        path={["ice_breakers"]}
        label="Ice breakers"
        description="Questions that Instagram shows to whoever opens the chat for the first time. Up to 4."
        one="question"
        most={4}
        fresh={() => ({ question: "", payload: "" })}
      >
        {() => (
          <Stack gap="xs">
            <TextField path={["question"]} label="Question" required />
            <TextField
              path={["payload"]}
              label="Payload"
              description="What the tap sends as an answer."
              required
            />
          </Stack>
        )}
      </ItemsField>
    </Stack>
  );
}
