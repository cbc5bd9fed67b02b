/** Closing a conversation with a cause. */

import { Alert, Select, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { client, told } from "../api/client";
import { WindowSheet } from "../parts/sheet";
import { choices, nameOf, type Talk, useProduction } from "./queries";

/** Those that every configuration has, in plain words. */
const BUILT_IN: Record<string, string> = {
  user: "Done, or the customer left",
  timeout: "The customer did not answer",
  not_available: "Nobody was there",
  out_of_hours: "Out of hours",
  system: "For a technical reason",
};

export function useCauses(): { value: string; label: string }[] {
  const named = choices(useProduction(), "disconnection_causes");
  const built = Object.entries(BUILT_IN).map(([value, label]) => ({ value, label }));
  return [...built.filter((one) => !named.some((own) => own.value === one.value)), ...named];
}

/** A cause in words. */
export function useCauseWords(): (cause: string) => string {
  const causes = useCauses();
  return (cause) => causes.find((one) => one.value === cause)?.label ?? cause;
}

export function Closing({ talk, onClose }: { talk: Talk; onClose: () => void }) {
  const queries = useQueryClient();
  const causes = useCauses();
  const [cause, setCause] = useState("user");
  const close = useMutation({
    mutationFn: () =>
      told(
        client.POST("/api/v1/conversations/{name}/close", {
          params: { path: { name: talk.name } },
          body: { cause },
        }),
      ),
    onSuccess: () => {
      queries.invalidateQueries({ queryKey: ["conversation", talk.name] });
      onClose();
    },
  });
  return (
    <WindowSheet
      title={`Close the conversation with ${nameOf(talk.customer)}`}
      onClose={onClose}
      keep="Keep it open"
      mutation={close}
      action="Close the conversation"
    >
      <Select
        label="Cause"
        description="For reports; the customer does not see it."
        data={causes}
        value={cause}
        onChange={(value) => value && setCause(value)}
        allowDeselect={false}
        searchable={causes.length > 8}
        comboboxProps={{ withinPortal: true }}
        data-autofocus
      />
      {talk.queue && (
        <Text size="sm" c="dimmed">
          Where its queue names something to do after closing, that comes next.
        </Text>
      )}
      {close.error && (
        <Alert color="red" role="alert">
          {close.error.message}
        </Alert>
      )}
    </WindowSheet>
  );
}
