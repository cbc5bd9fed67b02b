/** Keeps the place where a conversation stands in the middle of the diagram, at a size that can be read. */

import { useReactFlow } from "@xyflow/react";
import { useEffect } from "react";

const READABLE = 0.8;

export function Following({ path }: { path: string | null }) {
  const flow = useReactFlow();
  useEffect(() => {
    if (path === null) return;
    // The diagram shows itself whole at first; this comes after it.
    const soon = setTimeout(() => {
      let node = flow.getNode(path);
      for (let at = path; node === undefined && at.includes("/"); node = flow.getNode(at))
        at = at.slice(0, at.lastIndexOf("/"));
      if (node === undefined) return;
      const { x, y } = node.position;
      flow.setCenter(x + (node.width ?? 0) / 2, y + (node.height ?? 0) / 2, {
        zoom: Math.max(READABLE, flow.getZoom()),
        duration: 300,
      });
    }, 120);
    return () => clearTimeout(soon);
  }, [flow, path]);
  return null;
}
