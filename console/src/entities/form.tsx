/** A form over a document: each field knows its value, whether production has another one, and what is wrong with it. */

import { Box, Stack, Text } from "@mantine/core";
import { createContext, type ReactNode, useContext, useMemo } from "react";
import type { Problem } from "../api/client";
import { at, changed, type Path, same, type Value } from "./document";

interface Form {
  document: Value;
  /** The other side: production for the sandbox, and the other way round; undefined where there is none. */
  other: Value | undefined;
  /** With paths that begin at the document. */
  problems: Problem[];
  readOnly: boolean;
  /** Begins the ids of fields, so that two forms of one page keep apart. */
  id: string;
  change: (document: Value) => void;
}

const Context = createContext<{ form: Form; base: Path }>({
  form: { document: {}, other: undefined, problems: [], readOnly: true, id: "", change: () => {} },
  base: [],
});

export function FormOf({ children, ...form }: Form & { children: ReactNode }) {
  return <Context.Provider value={{ form, base: [] }}>{children}</Context.Provider>;
}

/** Fields inside are those of the part at `path`. */
export function Within({ path, children }: { path: Path; children: ReactNode }) {
  const { form, base } = useContext(Context);
  const key = path.join("/");
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key is the path
  const inner = useMemo(() => ({ form, base: [...base, ...path] }), [form, base, key]);
  return <Context.Provider value={inner}>{children}</Context.Provider>;
}

/** Where in the document the fields here are. */
export function useBase(): Path {
  return useContext(Context).base;
}

export interface FieldState {
  id: string;
  path: string;
  value: Value;
  set: (value: Value) => void;
  differs: boolean;
  readOnly: boolean;
  error: ReactNode;
  warning: string | null;
}

interface Reading {
  /** Problems further below are shown here as well. */
  deep?: boolean;
  /** What a field means that is left out. */
  fallback?: Value;
  /** What is compared, where the same can be written in several ways. */
  meaning?: (value: Value) => Value;
}

/** The field at a path below where the form is. */
export function useField(
  path: Path,
  { deep = false, fallback = null, meaning = itself }: Reading = {},
): FieldState {
  const { form, base } = useContext(Context);
  const whole = [...base, ...path];
  const address = whole.join("/");
  const value = at(form.document, whole);
  const mine = form.problems.filter(
    (one) => one.path === address || (deep && one.path.startsWith(`${address}/`)),
  );
  const errors = mine.filter((one) => one.severity === "error").map((one) => one.message);
  const warnings = mine.filter((one) => one.severity !== "error").map((one) => one.message);
  return {
    id: `${form.id}-${whole.join("-")}`,
    path: address,
    value,
    set: (next) => form.change(changed(form.document, whole, next)),
    differs:
      form.other !== undefined &&
      !same(meaning(value ?? fallback), meaning(at(form.other, whole) ?? fallback)),
    readOnly: form.readOnly,
    error: errors.length > 0 ? errors.join(" ") : null,
    warning: warnings.length > 0 ? warnings.join(" ") : null,
  };
}

/** A field's frame: marked where the two sides differ, with its warning below. */
export function Framed({ field, children }: { field: FieldState; children: ReactNode }) {
  return (
    <Box className={field.differs ? "differs" : undefined} data-path={field.path}>
      <Stack gap={4}>
        {children}
        {field.warning && (
          <Text size="xs" c="orange">
            {field.warning}
          </Text>
        )}
      </Stack>
    </Box>
  );
}

function itself(value: Value): Value {
  return value;
}

/** All problems at or below a path, with paths that begin where the form is. */
export function useProblemsAt(path: Path): Problem[] {
  const { form, base } = useContext(Context);
  const address = [...base, ...path].join("/");
  const before = base.length > 0 ? `${base.join("/")}/`.length : 0;
  return form.problems
    .filter((one) => one.path === address || one.path.startsWith(`${address}/`))
    .map((one) => ({ ...one, path: one.path.slice(before) }));
}

/** What the other side has where the form is; undefined where there is none. */
export function useOther(): Value | undefined {
  const { form, base } = useContext(Context);
  return form.other === undefined ? undefined : at(form.other, base);
}
