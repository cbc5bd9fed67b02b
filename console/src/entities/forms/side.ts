/** Which of the two columns a form stands in, and of what entity. */

import { useParams } from "react-router";
import { useField } from "../form";

/** `sandbox` is where one writes, `production` is what customers see; the name is the entity's own. */
export function useSide(): { of: "sandbox" | "production"; name: string } {
  const { id } = useField([]);
  const { name = "" } = useParams();
  return { of: id.startsWith("sandbox") ? "sandbox" : "production", name };
}
