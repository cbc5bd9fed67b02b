/** What an agent's desk reads and does; `api/live.ts` has it read anew when something changes. */

import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import { client, type Schemas, told } from "../api/client";

export type Ringing = Schemas["RingingOffer"];
export type Had = Schemas["HadConversation"];
export type Agent = Schemas["AgentItem"];

export const ME = ["agents", "me"];
/** Should a change be missed, it is seen after so many milliseconds all the same. */
const SURE = 20_000;

export function useMe() {
  return useQuery({ queryKey: ME, queryFn: () => told(client.GET("/api/v1/agents/me")), staleTime: 10_000 });
}

export function useOffers(ready: boolean) {
  return useQuery({
    queryKey: ["offers", "mine"],
    queryFn: () => told(client.GET("/api/v1/offers")),
    refetchInterval: ready ? SURE : false,
    refetchIntervalInBackground: true,
  });
}

export function useHad() {
  return useQuery({
    queryKey: ["had"],
    queryFn: () => told(client.GET("/api/v1/agents/me/conversations")),
    refetchInterval: 60_000,
  });
}

export function useAccept() {
  const queries = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: (name: string) =>
      told(client.POST("/api/v1/conversations/{name}/accept", { params: { path: { name } } })),
    onSuccess: (_, name) => navigate(`/desk?c=${name}`),
    onError: (error) =>
      notifications.show({
        position: "top-center",
        color: "red",
        title: "Not accepted",
        message: error.message,
      }),
    onSettled: () => fresh(queries),
  });
}

export function useDecline() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (name: string) =>
      told(client.POST("/api/v1/conversations/{name}/decline", { params: { path: { name } } })),
    onError: (error) =>
      notifications.show({
        position: "top-center",
        color: "red",
        title: "Not declined",
        message: error.message,
      }),
    onSettled: () => fresh(queries),
  });
}

function fresh(queries: ReturnType<typeof useQueryClient>): Promise<unknown> {
  return Promise.all(
    ["offers", "had", "queues", "agents"].map((key) => queries.invalidateQueries({ queryKey: [key] })),
  );
}
