/** The diagram tree of a routing: everything that can be reached from it. */

import {
  Alert,
  Anchor,
  Badge,
  Button,
  Group,
  List,
  Loader,
  SegmentedControl,
  Stack,
  Text,
  Title,
} from "@mantine/core";
import { IconArrowUpRight } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { Link, useNavigate, useParams, useSearchParams } from "react-router";
import { client, Refused, told } from "../api/client";
import { useMay } from "../api/session";
import { type Kind, kindOf } from "../kinds";
import { Missing } from "../shell/missing";
import { count } from "../words";
import { Diagram } from "./diagram";
import { Outline } from "./outline";
import { addressOf } from "./places";

export function TreePage() {
  const { kind: given = "", name = "" } = useParams();
  const kind = kindOf(given);
  return kind?.tree ? <TreeOf key={`${kind.kind}/${name}`} kind={kind} name={name} /> : <Missing />;
}

/** What is reachable from a place, of the sandbox, of production or of a revision. */
export function useTree(kind: string, name: string, of: string) {
  return useQuery({
    queryKey: ["tree", kind, name, of],
    queryFn: () =>
      told(client.GET("/api/v1/tree/{kind}/{name}", { params: { path: { kind, name }, query: { of } } })),
  });
}

function TreeOf({ kind, name }: { kind: Kind; name: string }) {
  const supervisor = useMay("supervisor");
  const navigate = useNavigate();
  const [query, setQuery] = useSearchParams();
  const of = query.get("of") ?? (supervisor ? "sandbox" : "production");
  const asList = query.get("view") === "list";
  const tree = useTree(kind.kind, name, of);
  const title = tree.data?.nodes.find((one) => one.path === tree.data.root)?.title ?? name;
  useEffect(() => {
    document.title = `${title} · Diagram tree · Switchboard`;
  }, [title]);
  const change = (key: string, value: string) =>
    setQuery(
      (before) => {
        before.set(key, value);
        return before;
      },
      { replace: true },
    );
  const sides = [
    ...(supervisor ? [{ value: "sandbox", label: "Sandbox" }] : []),
    { value: "production", label: "Production" },
    ...(/^\d+$/.test(of) ? [{ value: of, label: `Revision ${of}` }] : []),
  ];
  const problems = tree.data?.nodes.flatMap((one) => one.problems) ?? [];
  return (
    <Stack>
      <Group justify="space-between" align="flex-end">
        <div>
          <Anchor component={Link} to={`/routing/${kind.kind}`} size="sm">
            {kind.many}
          </Anchor>
          <Title order={1} size="h2">
            Diagram tree of {title}
          </Title>
          <Group gap="xs">
            <Text size="sm" c="dimmed">
              {tree.data
                ? `${count(tree.data.nodes.length, "place")}, ${count(tree.data.edges.length, "way")}`
                : ""}
            </Text>
            {tree.data?.revision && (
              <Badge variant="light" color="gray">
                revision {tree.data.revision}
              </Badge>
            )}
          </Group>
        </div>
        <Group gap="xs">
          <SegmentedControl
            aria-label="Which configuration"
            data={sides}
            value={of}
            onChange={(next) => change("of", next)}
          />
          <SegmentedControl
            aria-label="How it is shown"
            data={[
              { value: "diagram", label: "Diagram" },
              { value: "list", label: "List" },
            ]}
            value={asList ? "list" : "diagram"}
            onChange={(next) => change("view", next)}
          />
          <Button
            component={Link}
            to={`/routing/${kind.kind}/${name}`}
            variant="default"
            rightSection={<IconArrowUpRight size={16} />}
          >
            Open {kind.one}
          </Button>
        </Group>
      </Group>
      {tree.isLoading && <Loader aria-label="Loading" />}
      {tree.error && (
        <Alert color="red" title="There is nothing to draw" role="alert">
          {tree.error instanceof Refused && tree.error.status === 404 && of === "production"
            ? "It is not in production yet. Apply the configuration to make it so."
            : tree.error.message}
        </Alert>
      )}
      {tree.data &&
        (asList ? (
          <Outline tree={tree.data} />
        ) : (
          <Diagram
            key={of}
            tree={tree.data}
            height="max(420px, calc(100dvh - 250px))"
            label={`Diagram tree of ${title}`}
            onSelect={(path) => navigate(addressOf(path))}
          />
        ))}
      {problems.length > 0 && (
        <Alert
          color={problems.some((one) => one.severity === "error") ? "red" : "orange"}
          title="What is wrong here"
        >
          <List size="sm" spacing={4}>
            {problems.map((one, index) => (
              <List.Item key={index}>
                <Anchor component={Link} to={addressOf(one.path)} size="xs" c="inherit" underline="always">
                  {one.path}
                </Anchor>
                : {one.message}
              </List.Item>
            ))}
          </List>
        </Alert>
      )}
    </Stack>
  );
}
