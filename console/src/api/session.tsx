/** Who is logged in, and what they may do. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useMemo } from "react";
import { client, keepCsrfToken, Refused, type Schemas, told } from "./client";

export type Session = Schemas["Session"];
export type Role = "viewer" | "agent" | "supervisor" | "admin";

const ORDER: Role[] = ["viewer", "agent", "supervisor", "admin"];
const Context = createContext<Session | null>(null);

export function useSession(): Session {
  const found = useContext(Context);
  if (found === null) throw new Error("this page is shown to people who are logged in");
  return found;
}

/** Whether the person may do what needs at least this role; the API decides, this only hides what it would refuse. */
export function useMay(least: Role): boolean {
  return ORDER.indexOf(useSession().role as Role) >= ORDER.indexOf(least);
}

/** The same as a function, for lists of things with their roles. */
export function useMayAll(): (least: Role) => boolean {
  const role = useSession().role as Role;
  return (least) => ORDER.indexOf(role) >= ORDER.indexOf(least);
}

export const SESSION = ["session"];

export function useSessionQuery() {
  return useQuery({
    queryKey: SESSION,
    queryFn: async (): Promise<Session | null> => {
      try {
        const session = await told(client.GET("/api/v1/session"));
        keepCsrfToken(session.csrf_token ?? null);
        return session;
      } catch (error) {
        if (error instanceof Refused && error.status === 401) return null;
        throw error;
      }
    },
    staleTime: 60_000,
  });
}

export function SignedIn({ session, children }: { session: Session; children: ReactNode }) {
  return <Context.Provider value={session}>{children}</Context.Provider>;
}

/** Log out, and forget all that was read. */
export function useLogout(): () => Promise<void> {
  const queries = useQueryClient();
  return useMemo(
    () => async () => {
      await client.POST("/api/v1/logout");
      queries.clear();
      queries.setQueryData(SESSION, null);
    },
    [queries],
  );
}
