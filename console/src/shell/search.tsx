/** Search by keyboard: pages, and everything that people author. */

import { Button, Kbd } from "@mantine/core";
import { Spotlight, type SpotlightActionData, spotlight } from "@mantine/spotlight";
import { IconSearch } from "@tabler/icons-react";
import { useQueries } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { client, told } from "../api/client";
import { useMay, useMayAll } from "../api/session";
import { KINDS } from "../kinds";
import { PARTS } from "./places";

export function SearchButton() {
  return (
    <>
      <Button
        visibleFrom="sm"
        variant="default"
        size="xs"
        c="dimmed"
        leftSection={<IconSearch size={15} />}
        rightSection={<Kbd size="xs">Ctrl K</Kbd>}
        onClick={spotlight.open}
      >
        Search
      </Button>
      <Button
        hiddenFrom="sm"
        variant="subtle"
        color="gray"
        px={8}
        onClick={spotlight.open}
        aria-label="Search"
      >
        <IconSearch size={18} />
      </Button>
    </>
  );
}

export function Search() {
  const navigate = useNavigate();
  const may = useMayAll();
  const supervisor = useMay("supervisor");
  const [opened, setOpened] = useState(false);
  const lists = useQueries({
    queries: KINDS.map((one) => ({
      queryKey: ["entities", one.kind, ""],
      queryFn: () =>
        told(
          client.GET("/api/v1/sandbox/{kind}", {
            params: { path: { kind: one.kind as never }, query: { limit: 200 } },
          }),
        ),
      enabled: supervisor && opened,
    })),
  });
  const pages: SpotlightActionData[] = PARTS.flatMap((part) =>
    part.places
      .filter((place) => may(place.least))
      .map((place) => ({
        id: place.to,
        label: place.label,
        description: part.title,
        leftSection: <place.icon size={18} stroke={1.6} />,
        onClick: () => navigate(place.to),
      })),
  );
  const entities: SpotlightActionData[] = KINDS.flatMap((kind, index) =>
    (lists[index]?.data?.items ?? []).map((one) => ({
      id: one.path,
      label: one.title ?? one.name,
      description: `${kind.one} ${one.name}`,
      leftSection: <kind.icon size={18} stroke={1.6} />,
      onClick: () => navigate(`/routing/${one.path}`),
    })),
  );
  return (
    <Spotlight
      actions={[
        { group: "Pages", actions: pages },
        { group: "Configuration", actions: entities },
      ]}
      shortcut={["mod + K", "/"]}
      limit={30}
      nothingFound="Nothing has this in its name"
      searchProps={{ placeholder: "A page, or something of the configuration", "aria-label": "Search" }}
      onSpotlightOpen={() => setOpened(true)}
      highlightQuery
      scrollable
    />
  );
}
