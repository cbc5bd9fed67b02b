/** All conversations, with every filter in the address; however many there are, only those in sight are drawn. */

import { Alert, Button, Loader, Stack, Text } from "@mantine/core";
import { IconMessages, IconRefresh } from "@tabler/icons-react";
import { type InfiniteData, useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useSearchParams } from "react-router";
import { client, type Schemas, told } from "../api/client";
import { type Change, useChanges } from "../api/live";
import { Heading } from "../parts/heading";
import { count } from "../words";
import { useCauseWords } from "./closing";
import { FilterBar } from "./filter-bar";
import { asked, type FilterName } from "./filters";
import classes from "./list.module.css";
import type { Talk } from "./queries";
import { Row } from "./row";

const PAGE = 100;
const HEIGHT = 64;
/** Longer lists are not read anew by themselves: the one who scrolls says when. */
const SHORT = 2;
/** At most so often a short one is. */
const CALM = 2_000;
type Pages = InfiniteData<Schemas["ConversationItems"], string | null>;

export function ConversationList() {
  const [address, setAddress] = useSearchParams();
  const question = asked(address);
  const key = ["conversation list", question];
  const list = useInfiniteQuery({
    queryKey: key,
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }) =>
      told(
        client.GET("/api/v1/conversations", {
          params: { query: { ...question, limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) } },
        }),
      ),
    getNextPageParam: (page) => page.cursor,
    refetchOnWindowFocus: false,
  });
  const pages = list.data?.pages ?? [];
  const items = useMemo(() => pages.flatMap((page) => page.items), [pages]);
  const [changed, again] = useFresh(key, pages.length);
  const change = (values: Partial<Record<FilterName, string | null>>) =>
    setAddress(
      (before) => {
        for (const [name, value] of Object.entries(values)) {
          if (value) before.set(name, value);
          else before.delete(name);
        }
        return before;
      },
      { replace: true },
    );
  return (
    <Stack>
      <Heading
        title="Conversations"
        icon={IconMessages}
        about={
          <span role="status">
            {list.data
              ? `${list.hasNextPage ? "The newest " : ""}${count(items.length, "conversation")}, last opened first`
              : "Loading"}
          </span>
        }
      />
      <FilterBar address={address} change={change} />
      {changed && (
        <Button variant="light" leftSection={<IconRefresh size={16} />} onClick={again}>
          Something has changed: show it from the newest on
        </Button>
      )}
      {list.error && (
        <Alert color="red" role="alert">
          {list.error.message}
        </Alert>
      )}
      {list.isLoading && <Loader aria-label="Loading" />}
      {list.data && items.length === 0 && <Text c="dimmed">No conversation agrees with all of this.</Text>}
      {items.length > 0 && (
        <Rows
          items={items}
          more={list.hasNextPage && !list.isFetchingNextPage ? () => list.fetchNextPage() : null}
        />
      )}
    </Stack>
  );
}

function Rows({ items, more }: { items: Talk[]; more: (() => void) | null }) {
  const cause = useCauseWords();
  const frame = useRef<HTMLUListElement>(null);
  const [top, setTop] = useState(0);
  useEffect(() => {
    const box = frame.current;
    if (!box) return;
    const measure = () => setTop(box.getBoundingClientRect().top + window.scrollY);
    measure();
    const watch = new ResizeObserver(measure);
    watch.observe(document.body);
    return () => watch.disconnect();
  }, []);
  const rows = useWindowVirtualizer({
    count: items.length,
    estimateSize: () => HEIGHT,
    overscan: 12,
    scrollMargin: top,
    getItemKey: (index) => items[index]?.name ?? index,
  });
  const seen = rows.getVirtualItems();
  const last = seen.at(-1)?.index ?? 0;
  useEffect(() => {
    if (more && last >= items.length - 20) more();
  }, [more, last, items.length]);
  return (
    <ul
      ref={frame}
      className={`card ${classes.list}`}
      style={{ height: rows.getTotalSize() }}
      aria-label="Conversations"
    >
      {seen.map((one) => {
        const talk = items[one.index];
        return talk ? (
          <li
            key={one.key}
            className={classes.item}
            style={{ transform: `translateY(${one.start - top}px)` }}
            aria-posinset={one.index + 1}
            aria-setsize={more ? -1 : items.length}
          >
            <Row talk={talk} cause={cause} />
          </li>
        ) : null;
      })}
    </ul>
  );
}

/** Reads a short list anew when something changes; of a long one it says so, and starts over when asked to. */
function useFresh(key: unknown[], pages: number): [boolean, () => void] {
  const queries = useQueryClient();
  const [changed, setChanged] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  const latest = useRef({ key, pages });
  latest.current = { key, pages };
  useEffect(
    () => () => {
      if (timer.current) clearTimeout(timer.current);
    },
    [],
  );
  useChanges(
    useCallback(
      ({ kind }: Change) => {
        if (!["conversations", "messages", "reset"].includes(kind) || timer.current) return;
        timer.current = setTimeout(() => {
          timer.current = null;
          if (latest.current.pages > SHORT) setChanged(true);
          else queries.invalidateQueries({ queryKey: latest.current.key });
        }, CALM);
      },
      [queries],
    ),
  );
  const again = () => {
    setChanged(false);
    queries.setQueryData<Pages>(key, (before) =>
      before ? { pages: before.pages.slice(0, 1), pageParams: before.pageParams.slice(0, 1) } : before,
    );
    queries.invalidateQueries({ queryKey: key });
    window.scrollTo({ top: 0 });
  };
  return [changed, again];
}
