/** The menu. */

import { NavLink, Text } from "@mantine/core";
import { useEffect, useRef } from "react";
import { Link, useLocation } from "react-router";
import { useMayAll } from "../api/session";
import { PARTS } from "./places";

export function Navigation() {
  const { pathname } = useLocation();
  const may = useMayAll();
  const menu = useRef<HTMLElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: whenever another page is shown
  useEffect(() => {
    menu.current?.querySelector("[data-active]")?.scrollIntoView({ block: "nearest" });
  }, [pathname]);
  return (
    <nav aria-label="Pages" ref={menu}>
      {PARTS.map((part) => {
        const places = part.places.filter((place) => may(place.least));
        if (places.length === 0) return null;
        return (
          <div key={part.title}>
            <Text size="xs" c="dimmed" fw={600} px="sm" pt="sm" pb={4} tt="uppercase" lts="0.04em">
              {part.title}
            </Text>
            {places.map((place) => (
              <NavLink
                key={place.to}
                component={Link}
                to={place.to}
                label={place.label}
                leftSection={<place.icon size={18} stroke={1.6} />}
                active={place.to === "/" ? pathname === "/" : pathname.startsWith(place.to)}
                py={6}
                style={{ borderRadius: "var(--mantine-radius-md)" }}
              />
            ))}
          </div>
        );
      })}
    </nav>
  );
}
