/** Texts that customers read: a template, and its variants in other languages as tabs. */

import { Badge, Input, Tabs, Textarea } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type ComponentType, createContext, useContext, useState } from "react";
import { client, Refused, told } from "../api/client";
import { useMay } from "../api/session";
import type { Path } from "./document";
import { Framed, useField } from "./form";

export interface Languages {
  default: string;
  offered: string[];
}

export interface TemplateInputProps {
  id: string;
  "aria-label"?: string;
  lines: number;
  readOnly: boolean;
  value: string;
  set: (value: string) => void;
}

/** What a template is written in: a plain field, or one that knows the names a template can read. */
export const TemplateInput = createContext<ComponentType<TemplateInputProps>>(PlainInput);

function PlainInput({ lines, set, ...props }: TemplateInputProps) {
  return (
    <Textarea
      {...props}
      autosize
      minRows={lines}
      maxRows={16}
      onChange={(event) => set(event.currentTarget.value)}
    />
  );
}

/** The languages of the sandbox. */
export function useLanguages(): Languages {
  const supervisor = useMay("supervisor");
  const found = useQuery({
    queryKey: ["languages", supervisor],
    queryFn: async (): Promise<Languages> => {
      try {
        const document = supervisor
          ? (await told(client.GET("/api/v1/sandbox/languages"))).sandbox.document
          : (await told(client.GET("/api/v1/production/languages"))).document;
        return { default: "en", offered: ["en"], ...(document as Partial<Languages>) };
      } catch (error) {
        if (error instanceof Refused && error.status === 404) return { default: "en", offered: ["en"] };
        throw error;
      }
    },
  });
  return found.data ?? { default: "en", offered: ["en"] };
}

const NAMES = new Intl.DisplayNames(undefined, { type: "language" });

export function languageName(code: string): string {
  try {
    return NAMES.of(code) ?? code;
  } catch {
    return code;
  }
}

/** A text at `path` (such as `text`), with `variants` beside it. */
export function TemplateField({
  path,
  label,
  description,
  required,
  variants,
  lines = 3,
}: {
  path: Path;
  label: string;
  description?: string;
  required?: boolean;
  /** Where the variants are; without it the text has none. */
  variants?: Path;
  lines?: number;
}) {
  const languages = useLanguages();
  const Written = useContext(TemplateInput);
  const [chosen, setChosen] = useState<string | null>(null);
  const field = useField(path);
  const all = useField(variants ?? ["variants"], { deep: true, fallback: {} });
  const given: Record<string, string> = all.value && typeof all.value === "object" ? all.value : {};
  const others = variants
    ? [...new Set([...languages.offered.filter((one) => one !== languages.default), ...Object.keys(given)])]
    : [];
  const language = chosen !== null && others.includes(chosen) ? chosen : languages.default;
  const isDefault = language === languages.default;
  const value = isDefault ? field.value : given[language];
  const set = (next: string) => {
    if (isDefault) return field.set(next === "" && !required ? undefined : next);
    const rest = { ...given };
    if (next === "") delete rest[language];
    else rest[language] = next;
    all.set(Object.keys(rest).length > 0 ? rest : undefined);
  };
  const differs = field.differs || (variants !== undefined && all.differs);
  return (
    <Framed field={{ ...field, differs, warning: field.warning ?? (variants ? all.warning : null) }}>
      <Input.Wrapper
        id={field.id}
        label={label}
        description={description}
        withAsterisk={required}
        error={field.error ?? (variants ? all.error : null)}
      >
        {others.length > 0 && (
          <Tabs value={language} onChange={setChosen} variant="pills" my={4}>
            <Tabs.List>
              {[languages.default, ...others].map((one) => (
                <Tabs.Tab key={one} value={one} size="xs" py={4} px={10}>
                  {languageName(one)}{" "}
                  {one !== languages.default && given[one] === undefined && (
                    <Badge size="xs" color="gray" variant="light">
                      none
                    </Badge>
                  )}
                </Tabs.Tab>
              ))}
            </Tabs.List>
          </Tabs>
        )}
        <Written
          id={field.id}
          aria-label={others.length > 0 ? `${label} (${languageName(language)})` : undefined}
          lines={lines}
          readOnly={field.readOnly}
          value={typeof value === "string" ? value : ""}
          set={set}
        />
      </Input.Wrapper>
    </Framed>
  );
}
