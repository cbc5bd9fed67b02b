/** How the console looks: one theme for all pages, light and dark. */

import { createTheme, type MantineColorsTuple } from "@mantine/core";

const signal: MantineColorsTuple = [
  "#eef1ff",
  "#dde1fb",
  "#b9c1f2",
  "#929de9",
  "#717fe2",
  "#5c6cde",
  "#4f60dc",
  "#4050c3",
  "#3747ae",
  "#2b3c9a",
];

export const theme = createTheme({
  primaryColor: "signal",
  primaryShade: { light: 6, dark: 5 },
  colors: { signal },
  fontFamily: "Inter, system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif",
  defaultRadius: "md",
  cursorType: "pointer",
  components: {
    // What is cut off must show that it is.
    ScrollArea: { defaultProps: { type: "auto" } },
    // What a check tells may push the button of an open menu out of sight; the menu stays.
    Menu: { defaultProps: { hideDetached: false } },
    Tooltip: { defaultProps: { openDelay: 300, withArrow: true } },
    Modal: { defaultProps: { closeButtonProps: { "aria-label": "Close" } } },
    Drawer: { defaultProps: { closeButtonProps: { "aria-label": "Close" } } },
    // Of the colours of initials only those that can be read on their light ground.
    Avatar: { defaultProps: { allowedInitialsColors: ["violet", "indigo", "grape", "pink", "blue"] } },
    ActionIcon: { defaultProps: { variant: "subtle", color: "gray" } },
  },
});
