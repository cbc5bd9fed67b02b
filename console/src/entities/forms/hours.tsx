/** When a time group is open, as it stands in the form: now, at a time that one asks for, in a week, and holidays. */

import { ActionIcon, Badge, Box, Button, Collapse, Group, Stack, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconChevronLeft, IconChevronRight } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { client, type Schemas, told } from "../../api/client";
import { instant, shifted } from "../../parts/times";
import { useField } from "../form";
import { useSide } from "./side";
import { Week } from "./week";

type OpenHours = Schemas["OpenHours"];

export function Hours() {
  const { of, name } = useSide();
  const document = useField([]).value;
  const [draft] = useDebouncedValue(document, 400);
  const [at, setAt] = useState("");
  const [first, setFirst] = useState<string | null>(null);
  const asked = instant(at);
  const hours = useQuery({
    queryKey: ["hours", of, name, draft, asked, first],
    queryFn: () =>
      told(
        client.POST("/api/v1/hours", {
          body: {
            name,
            of,
            // Production is shown as it is; what is being written is told along.
            ...(of === "sandbox" ? { document: draft } : {}),
            ...(asked ? { at: asked } : {}),
            ...(first ? { first } : {}),
          },
        }),
      ),
    placeholderData: (before) => before,
    refetchInterval: 60_000,
  });
  if (hours.error)
    return (
      <Text size="sm" c="red">
        {hours.error.message}
      </Text>
    );
  if (!hours.data) return null;
  const monday = hours.data.days[0]?.day ?? "";
  return (
    <Box className="card" p="sm">
      <Stack gap="sm">
        <Now hours={hours.data} asked={asked !== undefined} />
        {of === "sandbox" && (
          <Group gap="xs" align="flex-end">
            <TextInput
              type="datetime-local"
              size="xs"
              label="Is it open at …?"
              description="On your clock. Empty: now."
              value={at}
              onChange={(event) => {
                setAt(event.currentTarget.value);
                setFirst(null);
              }}
            />
            {at !== "" && (
              <Button size="xs" variant="default" onClick={() => setAt("")}>
                Now
              </Button>
            )}
          </Group>
        )}
        <Group justify="space-between" gap={4}>
          <ActionIcon aria-label="The week before" onClick={() => setFirst(shifted(monday, -7))}>
            <IconChevronLeft size={16} />
          </ActionIcon>
          <Text size="xs" c="dimmed">
            Hours on the clock of {hours.data.timezone.replaceAll("_", " ")}
          </Text>
          <ActionIcon aria-label="The week after" onClick={() => setFirst(shifted(monday, 7))}>
            <IconChevronRight size={16} />
          </ActionIcon>
        </Group>
        <Week hours={hours.data} />
        <Holidays hours={hours.data} />
      </Stack>
    </Box>
  );
}

function Now({ hours, asked }: { hours: OpenHours; asked: boolean }) {
  return (
    <div aria-live="polite">
      <Group gap="xs">
        <Text size="sm" fw={500}>
          {asked ? `${clock(hours.at, hours.timezone)}:` : "Now"}
        </Text>
        <Badge color={hours.open ? "green" : "gray"} variant="light">
          {hours.open ? "open" : "closed"}
        </Badge>
      </Group>
      <Text size="xs" c="dimmed">
        {hours.why}.{" "}
        {hours.next_change
          ? `${hours.open ? "Closes" : "Opens"} ${clock(hours.next_change, hours.timezone)}.`
          : "Nothing changes within 400 days."}
      </Text>
    </div>
  );
}

function Holidays({ hours }: { hours: OpenHours }) {
  const [all, setAll] = useState(false);
  if (hours.holidays.length === 0) return null;
  const line = (one: OpenHours["holidays"][number]) => (
    <Text size="xs" key={`${one.day} ${one.place} ${one.type}`}>
      {day(one.day)}: {one.title} ({one.place}){one.type === "open" ? ", open" : ""}
    </Text>
  );
  const [soon, later] = [hours.holidays.slice(0, 3), hours.holidays.slice(3)];
  return (
    <div>
      <Text size="sm" fw={500}>
        Coming holidays
      </Text>
      {soon.map(line)}
      <Collapse expanded={all}>{later.map(line)}</Collapse>
      {later.length > 0 && (
        <Button
          size="compact-xs"
          variant="subtle"
          mt={4}
          aria-expanded={all}
          onClick={() => setAll((before) => !before)}
        >
          {all ? "Fewer" : `${later.length} more within a year`}
        </Button>
      )}
    </div>
  );
}

/** An instant on the clock of the group's zone. */
function clock(at: string, timezone: string): string {
  return new Intl.DateTimeFormat(undefined, {
    timeZone: timezone,
    weekday: "short",
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
  }).format(new Date(at));
}

function day(at: string): string {
  return new Intl.DateTimeFormat(undefined, {
    timeZone: "UTC",
    weekday: "short",
    day: "numeric",
    month: "short",
    year: "numeric",
  }).format(new Date(`${at}T00:00:00Z`));
}
