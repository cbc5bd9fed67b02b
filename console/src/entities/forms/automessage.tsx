/** An automessage: messages at their times, and where the conversation goes afterwards. */

import { Stack } from "@mantine/core";
import { ChoiceField, DurationField } from "../fields";
import { ItemsField } from "../items";
import { DestinationField } from "../references";
import { TemplateField } from "../texts";
import { TitleFields } from "./plain";

export function Automessage() {
  return (
    <Stack>
      <TitleFields />
      <ItemsField
        path={["messages"]}
        label="Messages"
        description="Each time counts from the moment the conversation arrives here, not from the message before."
        one="message"
        fresh={() => ({ time: "PT1M", text: "" })}
      >
        {() => (
          <Stack gap="sm">
            <DurationField path={["time"]} label="Time" required />
            <TemplateField
              path={["text"]}
              variants={["variants"]}
              label="Text"
              description="Without a text nothing is sent, but it is waited for."
            />
          </Stack>
        )}
      </ItemsField>
      <ChoiceField
        path={["on_reply"]}
        label="When the customer writes meanwhile"
        fallback="continue"
        choices={[
          { value: "continue", label: "Go on with the messages" },
          { value: "next", label: "Go to the next destination" },
        ]}
      />
      <DestinationField path={["next"]} label="Next destination" />
    </Stack>
  );
}
