/** What a click on a node of a diagram does. */

import { createContext } from "react";

export const Selecting = createContext<(path: string) => void>(() => {});
