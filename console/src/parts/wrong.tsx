/** What the API refused, beside the fields where it is. */

import { Alert, List } from "@mantine/core";
import { Refused } from "../api/client";

/** What is wrong with the field of this name. */
export function wrongWith(error: Error | null, field: string): string | null {
  if (!(error instanceof Refused)) return null;
  const found = error.problems.filter((one) => one.path === field || one.path.startsWith(`${field}/`));
  return found.length > 0 ? found.map((one) => one.message).join(" ") : null;
}

/** What is wrong apart from these fields, which show theirs themselves. */
export function Wrong({ error, fields = [] }: { error: Error | null; fields?: string[] }) {
  if (error === null) return null;
  const others =
    error instanceof Refused
      ? error.problems.filter(
          (one) => !fields.some((field) => one.path === field || one.path.startsWith(`${field}/`)),
        )
      : [];
  if (error instanceof Refused && error.problems.length > 0 && others.length === 0) return null;
  return (
    <Alert color="red" role="alert" title={error.message}>
      {others.length > 0 && (
        <List size="sm">
          {others.map((one, index) => (
            <List.Item key={index}>
              {one.path ? `${one.path}: ` : ""}
              {one.message}
            </List.Item>
          ))}
        </List>
      )}
    </Alert>
  );
}
