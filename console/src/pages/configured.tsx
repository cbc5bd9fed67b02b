/** For admins: accounts that cannot send, and what is wrong with the sandbox. */

import { Badge, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { client, told } from "../api/client";
import { addressOf } from "../trees/places";
import { count } from "../words";
import { Entry, Nothing, Part } from "./part";

const SHOWN = 5;

export function Accounts() {
  const accounts = useQuery({
    queryKey: ["accounts"],
    queryFn: () => told(client.GET("/api/v1/accounts")),
    refetchInterval: 60_000,
  });
  const items = accounts.data?.items ?? [];
  const silent = items.filter((one) => one.status === "paused" || limited(one.limited_until));
  return (
    <Part title="Instagram accounts" to="/accounts" error={accounts.error}>
      <Stack gap={0}>
        {silent.map((one) => (
          <Entry
            key={one.id}
            to="/accounts"
            title={one.username ?? one.name ?? one.id}
            about={one.status === "paused" ? one.paused_reason : one.limited_reason}
            aside={
              <Badge color={one.status === "paused" ? "red" : "orange"} variant="light" tt="none">
                {one.status === "paused" ? "cannot send" : "has to wait"}
              </Badge>
            }
          />
        ))}
      </Stack>
      {accounts.data && items.length === 0 && <Nothing>No account is connected yet.</Nothing>}
      {items.length > 0 && silent.length === 0 && (
        <Nothing>{count(items.length, "connected account")}; nothing keeps any from sending.</Nothing>
      )}
    </Part>
  );
}

export function Sandbox() {
  const problems = useQuery({
    queryKey: ["problems", "all"],
    queryFn: () => told(client.GET("/api/v1/problems")),
  });
  const items = problems.data?.problems ?? [];
  return (
    <Part title="Problems of the sandbox" to="/apply" all="Apply" error={problems.error}>
      <Stack gap={0}>
        {items.slice(0, SHOWN).map((one) => (
          <Entry
            key={`${one.path} ${one.code}`}
            to={addressOf(one.path)}
            title={one.message}
            about={one.path}
            aside={
              <Badge color={one.severity === "error" ? "red" : "orange"} variant="light" tt="none">
                {one.severity}
              </Badge>
            }
          />
        ))}
      </Stack>
      {items.length > SHOWN && <Nothing>and {items.length - SHOWN} more</Nothing>}
      {problems.data && items.length === 0 && <Nothing>There is none.</Nothing>}
    </Part>
  );
}

function limited(until: string | null): boolean {
  return until !== null && new Date(until).getTime() > Date.now();
}
