/** Fields for templates and expressions: the names that can be read are offered while one types, with an example below. */

import { ActionIcon, Combobox, Group, Text, Textarea, Tooltip, useCombobox } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconBraces } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { createContext, type KeyboardEvent, useContext, useMemo, useRef, useState } from "react";
import { client, told } from "../api/client";
import type { TemplateInputProps } from "../entities/texts";
import { useEditing, useSecrets } from "./editing";
import classes from "./editor.module.css";

export type Form = "text" | "url" | "expression";

/** What is special about the place: its form, and names that are read nowhere else. */
export const Site = createContext<{ form?: Form; secrets?: boolean; item?: boolean }>({});

const MOST = 30;

interface Offer {
  name: string;
  example: string;
}

/** For `TemplateInput` of the forms. */
export function CompletedInput({ lines, readOnly, value, set, ...props }: TemplateInputProps) {
  const { form = "text" } = useContext(Site);
  const names = useOffers();
  const input = useRef<HTMLTextAreaElement>(null);
  const [token, setToken] = useState<{ from: number; to: number } | null>(null);
  const [active, setActive] = useState<string | undefined>();
  const combobox = useCombobox({ onDropdownClose: () => combobox.resetSelectedOption() });
  const typed = token === null ? "" : value.slice(token.from, token.to);
  const offers = useMemo(() => (token === null ? [] : found(names, typed)), [names, token, typed]);
  const opened = token !== null && offers.length > 0 && !readOnly;

  const look = (text: string, place: number) => {
    setToken(tokenAt(text, place, form === "expression"));
    setActive(undefined);
    combobox.openDropdown();
    combobox.resetSelectedOption();
  };
  const close = () => setToken(null);
  const put = (text: string, caret: number) => {
    set(text);
    requestAnimationFrame(() => {
      input.current?.focus();
      input.current?.setSelectionRange(caret, caret);
    });
  };
  const choose = (name: string) => {
    if (token === null) return;
    const rest = value.slice(token.to);
    const end = form === "expression" || /^[^{]*?\}\}/.test(rest) ? "" : " }}";
    put(value.slice(0, token.from) + name + end + rest, token.from + name.length + end.length);
    close();
  };
  const begin = () => {
    const place = input.current?.selectionStart ?? value.length;
    const opening = form === "expression" || tokenAt(value, place, false) ? "" : "{{ ";
    const text = value.slice(0, place) + opening + value.slice(place);
    if (opening) put(text, place + opening.length);
    else input.current?.focus();
    look(text, place + opening.length);
  };
  const press = (event: KeyboardEvent) => {
    if (event.key === " " && event.ctrlKey) {
      event.preventDefault();
      return begin();
    }
    if (!opened) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const id = event.key === "ArrowDown" ? combobox.selectNextOption() : combobox.selectPreviousOption();
      setActive(id ?? undefined);
    } else if ((event.key === "Enter" || event.key === "Tab") && active !== undefined) {
      event.preventDefault();
      combobox.clickSelectedOption();
    } else if (event.key === "Escape") {
      event.stopPropagation();
      event.preventDefault();
      close();
    }
  };
  return (
    <>
      <Combobox
        store={{ ...combobox, dropdownOpened: opened }}
        onOptionSubmit={choose}
        position="bottom-start"
      >
        <Combobox.Target withAriaAttributes={false} withKeyboardNavigation={false}>
          <Textarea
            {...props}
            ref={input}
            autosize
            minRows={lines}
            maxRows={16}
            readOnly={readOnly}
            value={value}
            spellCheck={form === "text"}
            classNames={form === "text" ? undefined : { input: classes.code }}
            aria-autocomplete="list"
            aria-controls={opened ? (combobox.listId ?? undefined) : undefined}
            aria-activedescendant={opened ? active : undefined}
            onKeyDown={press}
            onBlur={close}
            onChange={(event) => {
              set(event.currentTarget.value);
              look(event.currentTarget.value, event.currentTarget.selectionStart);
            }}
            rightSection={
              readOnly ? undefined : (
                <Tooltip label="Insert a value (Ctrl+Space)">
                  <ActionIcon
                    size="sm"
                    aria-label="Insert a value"
                    onMouseDown={(event) => event.preventDefault()}
                    onClick={begin}
                  >
                    <IconBraces size={15} />
                  </ActionIcon>
                </Tooltip>
              )
            }
            rightSectionPointerEvents="all"
          />
        </Combobox.Target>
        <Combobox.Dropdown hidden={!opened} onMouseDown={(event) => event.preventDefault()}>
          <Combobox.Options mah={260} className={classes.offers} aria-label="Values">
            {offers.map((one) => (
              <Combobox.Option key={one.name} value={one.name}>
                <Group justify="space-between" wrap="nowrap" gap="md">
                  <Text size="sm" ff="monospace">
                    {one.name}
                  </Text>
                  <Text size="xs" c="dimmed" truncate>
                    {one.example}
                  </Text>
                </Group>
              </Combobox.Option>
            ))}
          </Combobox.Options>
        </Combobox.Dropdown>
      </Combobox>
      <Example template={value} form={form} />
    </>
  );
}

/** What comes out of a template with example values. */
function Example({ template, form }: { template: string; form: Form }) {
  const { names, readOnly } = useEditing();
  const { item } = useContext(Site);
  const [written] = useDebouncedValue(template, 400);
  const sample = useMemo(
    () =>
      item ? { ...names?.sample, item: (names?.sample.answer as { item?: unknown })?.item } : names?.sample,
    [names, item],
  );
  const worth = form === "expression" ? written.trim() !== "" : written.includes("{");
  const shown = useQuery({
    queryKey: ["rendered", written, form, sample],
    queryFn: () =>
      told(
        client.POST("/api/v1/preview/render", { body: { template: written, form, sample: sample ?? {} } }),
      ),
    enabled: worth && !readOnly && sample !== undefined,
    placeholderData: (before) => before,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 30_000,
  });
  if (!worth || readOnly || shown.data === undefined || shown.data.mistakes.length > 0) return null;
  return (
    <Text size="xs" c="dimmed" mt={4} lineClamp={3} className={classes.example}>
      Example: {shown.data.text === "" ? "(nothing)" : shown.data.text}
    </Text>
  );
}

function useOffers(): Offer[] {
  const { names } = useEditing();
  const { secrets, item } = useContext(Site);
  const kept = useSecrets();
  return useMemo(() => {
    const all: Offer[] = names?.names ?? [];
    const own = secrets ? kept.map((name) => ({ name, example: "••••••" })) : [];
    const items = item
      ? all
          .filter((one) => one.name.startsWith("answer.item"))
          .map((one) => ({ ...one, name: one.name.slice("answer.".length) }))
      : [];
    return [...items, ...own, ...all];
  }, [names, kept, secrets, item]);
}

function found(offers: Offer[], typed: string): Offer[] {
  const words = typed.toLowerCase();
  const first = offers.filter((one) => one.name.toLowerCase().startsWith(words) && one.name !== typed);
  const later = offers.filter(
    (one) => !first.includes(one) && one.name.toLowerCase().includes(words) && one.name !== typed,
  );
  return [...first, ...(words.length > 1 ? later : [])].slice(0, MOST);
}

/** The name that is being written at the caret; null outside of braces, unless all of it is an expression. */
function tokenAt(text: string, caret: number, expression: boolean): { from: number; to: number } | null {
  const before = text.slice(0, caret);
  if (!expression) {
    const opening = before.lastIndexOf("{{");
    if (opening < 0 || before.indexOf("}}", opening) >= 0) return null;
  }
  const part = /[A-Za-z_][\w.]*$/.exec(before)?.[0] ?? "";
  if (part === "" && /[\w.'"|)\]]\s*$/.test(before)) return null;
  return { from: caret - part.length, to: caret };
}
