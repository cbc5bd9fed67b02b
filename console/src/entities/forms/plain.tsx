/** Forms of entities with few fields. */

import { Stack } from "@mantine/core";
import {
  ChoiceField,
  DurationField,
  NumberField,
  SelectField,
  SwitchField,
  TagsField,
  TextField,
} from "../fields";
import { useField } from "../form";
import { DestinationField, NameField, useItems } from "../references";
import { TemplateField } from "../texts";
import { Optional } from "./optional";

export function TitleFields() {
  return (
    <>
      <TextField path={["title"]} label="Title" required />
      <TextField path={["description"]} label="Description" lines={2} />
    </>
  );
}

export function OnlyTitle() {
  return (
    <Stack>
      <TitleFields />
    </Stack>
  );
}

export function TimeCondition() {
  return (
    <Stack>
      <TitleFields />
      <NameField path={["time_group"]} kind="time_groups" label="Time group" required />
      <DestinationField path={["open"]} label="If it is open" />
      <DestinationField path={["closed"]} label="If it is closed" />
    </Stack>
  );
}

export function Queue() {
  const strategy = useField(["strategy"]).value ?? "pull";
  return (
    <Stack>
      <TitleFields />
      <ChoiceField
        path={["strategy"]}
        label="How agents get conversations"
        fallback="pull"
        choices={[
          { value: "pull", label: "They take them" },
          { value: "least_recent", label: "Offered to who waited longest" },
        ]}
      />
      <NumberField
        path={["priority"]}
        label="Priority"
        description="0 is first, 10 is last."
        min={0}
        max={10}
        fallback={5}
      />
      <TagsField
        path={["agents"]}
        label="Agents"
        description="Users who work here; without any, everybody who is an agent."
        placeholder="Name of a user"
      />
      {strategy === "least_recent" && (
        <DurationField
          path={["ring_time"]}
          label="Ring time"
          description="An offer that is not accepted by then goes to the next agent."
          fallback={30}
        />
      )}
      <DurationField
        path={["last_agent"]}
        label="Prefer the agent of the last conversation"
        description="If that one ended within this time. Empty: no preference."
      />
      <Optional path={["welcome"]} label="Welcome text" fresh={() => ({ text: "" })}>
        <TemplateField path={["welcome", "text"]} variants={["welcome", "variants"]} label="Text" required />
      </Optional>
      <DurationField
        path={["max_wait"]}
        label="Maximum wait"
        description="Who waited so long goes to the overflow."
      />
      <DestinationField path={["overflow"]} label="Overflow" required={false} />
      <DestinationField
        path={["after_close"]}
        label="After closing"
        description="Where a conversation goes that an agent has closed. Empty: it ends."
        required={false}
      />
    </Stack>
  );
}

const BUILT_IN = [
  { value: "user", label: "user: ended by a person" },
  { value: "timeout", label: "timeout: nobody answered" },
  { value: "not_available", label: "not_available: nobody was there" },
  { value: "out_of_hours", label: "out_of_hours: it was closed" },
  { value: "system", label: "system: the system ended it" },
];

export function Terminate() {
  const causes = useItems("disconnection_causes");
  const known = BUILT_IN.map((one) => one.value);
  return (
    <Stack>
      <TitleFields />
      <SelectField
        path={["cause"]}
        label="Disconnection cause"
        description="For internal use; the customer does not see it."
        required
        choices={[
          ...BUILT_IN,
          ...causes
            .filter((one) => !known.includes(one.name))
            .map((one) => ({ value: one.name, label: `${one.name}: ${one.title}` })),
        ]}
      />
      <NameField
        path={["queue"]}
        kind="queues"
        label="Queue"
        description="Which queue the conversation is booked under. Missed chats are only told to a queue's people."
      />
      <NameField
        path={["auto_response"]}
        kind="templates"
        label="Auto response"
        description="A template that the customer gets at the end."
      />
      <SwitchField
        path={["answered"]}
        label="Answered"
        description="Log conversations that end here as answered."
      />
    </Stack>
  );
}

export function Template() {
  return (
    <Stack>
      <TitleFields />
      <TemplateField path={["text"]} variants={["variants"]} label="Text" required lines={5} />
    </Stack>
  );
}

export function Category() {
  return (
    <Stack>
      <TitleFields />
      <Optional
        path={["sla"]}
        label="Due time"
        description="Tickets are due so many open hours after they were created."
        fresh={() => ({ within: "PT8H", time_group: "" })}
      >
        <DurationField path={["sla", "within"]} label="Within" required />
        <NameField path={["sla", "time_group"]} kind="time_groups" label="Hours of" required />
      </Optional>
    </Stack>
  );
}
