/** The HTTP API as the pages use it: a client made from its own OpenAPI document, and its errors as exceptions. */

import createClient, { type Middleware } from "openapi-fetch";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];
export type Problem = Schemas["Problem"];

/** What the API refused, in its own words; `problems` say where. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    detail: string,
    readonly problems: Problem[],
    readonly etag: string | null,
  ) {
    super(detail);
  }
}

/** Nobody answers: the connection is lost, or the API is away. */
export class Unreachable extends Error {
  constructor() {
    super("Switchboard does not answer. Look at your connection; nothing was changed.");
  }
}

let csrf: string | null = null;

/** The token that every change needs, as login and session tell it. */
export function keepCsrfToken(token: string | null): void {
  csrf = token;
}

const signed: Middleware = {
  onRequest({ request }) {
    if (csrf !== null && request.method !== "GET") request.headers.set("X-CSRF-Token", csrf);
    return request;
  },
  onError() {
    return new Unreachable();
  },
};

export const client = createClient<paths>({ baseUrl: "/" });
client.use(signed);

/** The answer's content; throws Refused for what the API refused. */
export async function told<Data>(
  asked: Promise<{ data?: Data; error?: unknown; response: Response }>,
): Promise<Data> {
  return (await whole(asked)).data;
}

/** The answer with its ETag, which whoever changes it has to send along. */
export async function whole<Data>(
  asked: Promise<{ data?: Data; error?: unknown; response: Response }>,
): Promise<{ data: Data; etag: string }> {
  const { data, error, response } = await asked;
  if (response.ok) return { data: data as Data, etag: response.headers.get("ETag") ?? "" };
  throw refused(response, error);
}

/** An answer that is no success, as an exception. */
export function refused(response: Response, error: unknown): Refused {
  const body = (typeof error === "object" && error !== null ? error : {}) as Partial<
    Schemas["ProblemDetails"]
  >;
  const detail = body.detail ?? `Switchboard answered ${response.status} ${response.statusText}`;
  return new Refused(response.status, detail, body.problems ?? [], response.headers.get("ETag"));
}
