/** What is offered to an agent, with the time that is left to accept it. */

import { Button, Group, Progress, Text, VisuallyHidden } from "@mantine/core";
import { IconPhoneIncoming } from "@tabler/icons-react";
import { nameOf, titleOf, useProduction } from "../conversations/queries";
import { LastLine } from "../conversations/row";
import { useNow } from "../conversations/window";
import classes from "./desk.module.css";
import { type Ringing, useAccept, useDecline } from "./queries";

const WHY: Record<string, string> = {
  wanted: "transferred to you",
  last_agent: "you had them last",
  longest: "your turn",
};

export function OfferCard({ offer }: { offer: Ringing }) {
  const now = useNow(250);
  const production = useProduction();
  const accept = useAccept();
  const decline = useDecline();
  const talk = offer.conversation;
  const whole = new Date(offer.until).getTime() - new Date(offer.offered_at).getTime();
  const left = Math.max(0, new Date(offer.until).getTime() - now);
  const name = nameOf(talk.customer);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would draw a frame of its own
    <div className={classes.offer} role="group" aria-label={`Offered: ${name}`}>
      <VisuallyHidden role="alert">{name} is offered to you</VisuallyHidden>
      <Group gap="xs" wrap="nowrap">
        <IconPhoneIncoming size={18} aria-hidden className={classes.still} />
        <Text fw={600} size="sm" truncate flex={1}>
          {name}
        </Text>
        <Text size="xs" aria-hidden>
          {Math.ceil(left / 1000)} s
        </Text>
      </Group>
      <Text size="xs" className={classes.soft}>
        {offer.queue ? titleOf(production, `queues/${offer.queue}`) : "Unassigned"},{" "}
        {WHY[offer.why] ?? offer.why}
      </Text>
      <Text size="sm" lineClamp={2} my={4}>
        <LastLine talk={talk} />
      </Text>
      <Progress
        value={whole > 0 ? (left / whole) * 100 : 0}
        size="xs"
        mb="xs"
        color="green"
        aria-label="Time left to accept"
        transitionDuration={250}
      />
      <Group gap="xs" grow>
        <Button
          size="xs"
          color="#237032"
          loading={accept.isPending}
          onClick={() => accept.mutate(talk.name)}
          title="Alt Shift A"
        >
          Accept
        </Button>
        <Button
          size="xs"
          variant="default"
          loading={decline.isPending}
          onClick={() => decline.mutate(talk.name)}
          title="Alt Shift D"
        >
          Decline
        </Button>
      </Group>
    </div>
  );
}
