/** Who is logged in, the colours, and the way out. */

import {
  ActionIcon,
  Avatar,
  Menu,
  Text,
  UnstyledButton,
  useComputedColorScheme,
  useMantineColorScheme,
} from "@mantine/core";
import { IconApi, IconLogout, IconMoon, IconSun, IconUser } from "@tabler/icons-react";
import { Link } from "react-router";
import { useLogout, useSession } from "../api/session";

export function Me() {
  const session = useSession();
  const logout = useLogout();
  return (
    <>
      <Scheme />
      <Menu position="bottom-end" width={220}>
        <Menu.Target>
          <UnstyledButton title={`Logged in as ${session.display_name}`}>
            <Avatar name={session.display_name} color="initials" size={32} radius="xl" />
          </UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>
            <Text size="sm" c="var(--mantine-color-text)">
              {session.display_name}
            </Text>
            {session.role}
          </Menu.Label>
          <Menu.Item component={Link} to="/me" leftSection={<IconUser size={16} />}>
            Name and password
          </Menu.Item>
          <Menu.Item component="a" href="/docs" target="_blank" leftSection={<IconApi size={16} />}>
            The HTTP API
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item onClick={logout} leftSection={<IconLogout size={16} />}>
            Log out
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </>
  );
}

function Scheme() {
  const { setColorScheme } = useMantineColorScheme();
  const dark = useComputedColorScheme("light", { getInitialValueInEffect: false }) === "dark";
  return (
    <ActionIcon
      size="lg"
      aria-label={dark ? "Light colours" : "Dark colours"}
      onClick={() => setColorScheme(dark ? "light" : "dark")}
    >
      {dark ? <IconSun size={18} /> : <IconMoon size={18} />}
    </ActionIcon>
  );
}
