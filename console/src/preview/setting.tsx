/** What a preview begins with: which configuration, where, when, and who writes. */

import {
  Anchor,
  Button,
  Card,
  JsonInput,
  SegmentedControl,
  Select,
  SimpleGrid,
  Stack,
  Text,
  TextInput,
} from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { client, told } from "../api/client";
import type { Value } from "../entities/document";
import { KINDS } from "../kinds";
import { named, type Of, type Setting } from "./script";

const ZONES = Intl.supportedValuesOf("timeZone");

export function SettingForm({
  setting,
  document,
  change,
}: {
  setting: Setting;
  document: Value;
  change: (part: Partial<Setting>) => void;
}) {
  const [more, setMore] = useState(false);
  const [contact, setContact] = useState(JSON.stringify(setting.contact, null, 2));
  const revisions = useQuery({
    queryKey: ["revisions", "newest"],
    queryFn: () => told(client.GET("/api/v1/revisions", { params: { query: { limit: 200 } } })),
  });
  const listed = (revisions.data?.items ?? []).map((one) => ({
    value: String(one.number),
    label: `Revision ${one.number}: ${one.note}`,
  }));
  const places = KINDS.filter((one) => one.kind === "connectors" || one.type !== undefined).map((one) => ({
    group: one.many,
    items: named(document?.[one.kind]).flatMap(({ value, label }) => [
      { value: `${one.kind}/${value}`, label },
      ...(one.kind === "decision_trees"
        ? named(document[one.kind][value]?.decisions).map((decision) => ({
            value: `${one.kind}/${value}/decisions/${decision.value}`,
            label: `${label}: ${decision.label}`,
          }))
        : []),
    ]),
  }));
  return (
    <Card withBorder p="sm">
      <SimpleGrid cols={{ base: 1, xs: 2, lg: 4 }} spacing="sm">
        <Select
          label="Configuration"
          allowDeselect={false}
          searchable
          data={[
            { value: "sandbox", label: "Sandbox" },
            { value: "production", label: "Production" },
            ...listed,
          ]}
          value={String(setting.of)}
          onChange={(value) => change({ of: ofWritten(value ?? "sandbox") })}
        />
        {setting.stored ? (
          <div>
            <Text size="sm" fw={500}>
              Goes on from
            </Text>
            <Text size="sm" mt={8}>
              step {setting.stored.step} of{" "}
              <Anchor component={Link} to={`/conversations/${setting.stored.conversation}`} size="sm">
                the conversation of{" "}
                {setting.stored.position.customer.name ?? setting.stored.position.customer.id}
              </Anchor>
            </Text>
          </div>
        ) : (
          <>
            <Select
              label="Begins at"
              allowDeselect={false}
              searchable
              data={places}
              value={setting.begin}
              onChange={(value) => value !== null && change({ begin: value })}
            />
            <TextInput
              label="On"
              type="datetime-local"
              required
              withAsterisk={false}
              value={setting.at}
              onChange={(event) => event.currentTarget.value && change({ at: event.currentTarget.value })}
            />
          </>
        )}
        <Select
          label="Time zone"
          searchable
          allowDeselect={false}
          data={ZONES.includes(setting.timezone) ? ZONES : [setting.timezone, ...ZONES]}
          value={setting.timezone}
          onChange={(value) => value !== null && change({ timezone: value })}
        />
      </SimpleGrid>
      <Button
        variant="subtle"
        size="compact-xs"
        mt="xs"
        w="fit-content"
        aria-expanded={more}
        onClick={() => setMore(!more)}
      >
        {more ? "Less" : "Customer, tickets and requests"}
      </Button>
      {more && (
        <SimpleGrid cols={{ base: 1, xs: 2, lg: 4 }} spacing="sm" mt="xs">
          {!setting.stored && (
            <Stack gap="xs">
              <TextInput
                label="Customer's name"
                value={setting.name}
                onChange={(event) => change({ name: event.currentTarget.value })}
              />
              <TextInput
                label="Customer's username"
                value={setting.username}
                onChange={(event) => change({ username: event.currentTarget.value })}
              />
            </Stack>
          )}
          {!setting.stored && (
            <JsonInput
              label="Custom fields, as JSON"
              minRows={4}
              autosize
              value={contact}
              validationError="This is no JSON"
              onChange={(value) => {
                setContact(value);
                const parsed = objectOf(value);
                if (parsed) change({ contact: parsed });
              }}
            />
          )}
          <Choice
            label="Tickets"
            data={[
              { value: "created", label: "Created" },
              { value: "failed", label: "Fail" },
            ]}
            value={setting.tickets}
            onChange={(value) => change({ tickets: value as Setting["tickets"] })}
          />
          <Choice
            label="Requests"
            data={[
              { value: "ask", label: "Ask me" },
              ...(setting.stored ? [{ value: "recorded", label: "As then" }] : []),
              { value: "unreachable", label: "Fail" },
            ]}
            value={setting.requests}
            onChange={(value) => change({ requests: value as Setting["requests"] })}
          />
        </SimpleGrid>
      )}
    </Card>
  );
}

function Choice({
  label,
  ...rest
}: {
  label: string;
  data: { value: string; label: string }[];
  value: string;
  onChange: (value: string) => void;
}) {
  return (
    <div>
      <Text size="sm" fw={500} mb={4}>
        {label}
      </Text>
      <SegmentedControl aria-label={label} {...rest} />
    </div>
  );
}

export function ofWritten(written: string): Of {
  return written === "sandbox" || written === "production" ? written : Number(written);
}

function objectOf(text: string): Record<string, Value> | null {
  if (text.trim() === "") return {};
  try {
    const parsed: Value = JSON.parse(text);
    return parsed !== null && typeof parsed === "object" && !Array.isArray(parsed) ? parsed : null;
  } catch {
    return null;
  }
}
