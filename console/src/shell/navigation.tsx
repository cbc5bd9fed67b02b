/** The menu. */

import { NavLink, Text } from "@mantine/core";
import { Link, useLocation } from "react-router";
import { useMayAll } from "../api/session";
import { PARTS } from "./places";

export function Navigation() {
  const { pathname } = useLocation();
  const may = useMayAll();
  return (
    <nav aria-label="Pages">
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
