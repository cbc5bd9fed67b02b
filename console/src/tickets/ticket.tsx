/** One ticket: what it is, what was done to it, and changing it without overwriting anybody. */

import { Button, Card, Group, Loader, SimpleGrid, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useParams } from "react-router";
import { client, Refused, type Schemas, whole } from "../api/client";
import { useMay } from "../api/session";
import { Heading } from "../parts/heading";
import { Leaving } from "../parts/leaving";
import { Wrong } from "../parts/wrong";
import { Missing } from "../shell/missing";
import { Due, PriorityBadge, StageBadge, TICKETS } from "./choices";
import { changes, Facts, FIELDS, Fields, type OneTicket, type Values, valuesOf } from "./fields";
import { History } from "./history";
import { Meanwhile } from "./meanwhile";

export function TicketPage() {
  const number = Number(useParams().number);
  const ticket = useQuery({
    queryKey: [...TICKETS, number],
    queryFn: () => read(number),
    refetchOnWindowFocus: false,
  });
  if (ticket.isLoading) return <Loader aria-label="Loading" />;
  if (ticket.error instanceof Refused && [404, 422].includes(ticket.error.status))
    return <Missing what="ticket" />;
  if (!ticket.data) return <Text c="red">{ticket.error?.message}</Text>;
  return <Opened key={number} found={ticket.data} />;
}

function read(number: number) {
  return whole(client.GET("/api/v1/tickets/{number}", { params: { path: { number } } }));
}

interface Found {
  data: OneTicket;
  etag: string;
}

function Opened({ found }: { found: Found }) {
  const agent = useMay("agent");
  const queries = useQueryClient();
  const ticket = found.data;
  const key = [...TICKETS, ticket.number];
  const [seen, setSeen] = useState<Found>(found);
  const [values, setValues] = useState<Values>(valuesOf(found.data));
  const [theirs, setTheirs] = useState<Found | null>(null);
  const changed = changes(valuesOf(seen.data), values);
  const unsaved = Object.keys(changed).length > 0;
  const save = useMutation({
    mutationFn: (etag: string) =>
      whole(
        client.PATCH("/api/v1/tickets/{number}", {
          params: { path: { number: ticket.number }, header: { "if-match": etag } },
          body: changed as Schemas["TicketValues"],
        }),
      ),
    onSuccess: (saved) => {
      setSeen(saved);
      setValues(valuesOf(saved.data));
      setTheirs(null);
      queries.setQueryData(key, saved);
      queries.invalidateQueries({ queryKey: [...TICKETS, "list"] });
      notifications.show({ message: "Saved", color: "green" });
    },
    onError: async (error) => {
      if (error instanceof Refused && error.status === 412) setTheirs(await read(ticket.number));
    },
  });
  return (
    <Stack>
      <Heading
        title={ticket.title}
        up={{ to: "/tickets", label: "Tickets" }}
        about={`Ticket ${ticket.number}`}
      >
        {ticket.conversation && (
          <Button component={Link} to={`/conversations/${ticket.conversation}`} variant="default">
            The conversation
          </Button>
        )}
      </Heading>
      <Group gap="xs">
        <StageBadge stage={ticket.stage} />
        <PriorityBadge priority={ticket.priority} />
        <Due ticket={ticket} />
      </Group>
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="lg">
        <Card withBorder>
          <form
            onSubmit={(event) => {
              event.preventDefault();
              save.mutate(seen.etag);
            }}
          >
            <Stack>
              <Fields
                values={values}
                readOnly={!agent}
                error={save.error}
                set={(next) => setValues({ ...values, ...next })}
              />
              {theirs === null && <Wrong error={save.error} fields={[...FIELDS]} />}
              {agent && (
                <Group justify="flex-end">
                  <Button
                    variant="default"
                    disabled={!unsaved}
                    onClick={() => {
                      setValues(valuesOf(seen.data));
                      save.reset();
                    }}
                  >
                    Undo
                  </Button>
                  <Button type="submit" disabled={!unsaved} loading={save.isPending}>
                    Save
                  </Button>
                </Group>
              )}
              <Facts ticket={ticket} />
            </Stack>
          </form>
        </Card>
        <History
          ticket={ticket}
          onCommented={(next) => {
            // A comment does not change what others have seen; what is written here stays.
            queries.setQueryData(key, next);
            if (!unsaved) setSeen(next);
          }}
        />
      </SimpleGrid>
      {theirs && (
        <Meanwhile
          mine={changed}
          theirs={valuesOf(theirs.data)}
          author={theirs.data.history.at(-1)?.author ?? "Somebody else"}
          saving={save.isPending}
          onMine={() => save.mutate(theirs.etag)}
          onTheirs={() => {
            setSeen(theirs);
            setValues(valuesOf(theirs.data));
            queries.setQueryData(key, theirs);
            setTheirs(null);
            save.reset();
          }}
          onClose={() => setTheirs(null)}
        />
      )}
      <Leaving unsaved={unsaved} />
    </Stack>
  );
}
