/** Moving about in a diagram: what is seen first, what comes into view, and arrow keys from node to node. */

import { useReactFlow } from "@xyflow/react";
import { type KeyboardEvent, type RefObject, useCallback, useEffect, useRef } from "react";
import { type DrawnTree, HEIGHT, type Placed, WIDTH } from "./layout";

const KEYS = ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "Home"];
/** The zoom at which a diagram opens that is too large to be read as a whole. */
const READABLE = 0.75;
const SMALLEST = 0.5;
/** Room above the root for the controls, in pixels. */
const TOP = 80;

export function useWalk({
  frame,
  tree,
  placed,
  focus,
}: {
  frame: RefObject<HTMLElement | null>;
  tree: DrawnTree;
  placed: Placed;
  /** The node that ought to be in view. */
  focus: string | null;
}) {
  const flow = useReactFlow();
  const opened = useRef(false);

  const centre = useCallback(
    (path: string, zoom?: number, duration = 200) => {
      const at = placed.nodes.get(path);
      if (at === undefined) return;
      flow.setCenter(at.x + WIDTH / 2, at.y + HEIGHT / 2, { zoom: zoom ?? flow.getZoom(), duration });
    },
    [flow, placed],
  );

  const open = useCallback(() => {
    opened.current = true;
    const box = frame.current?.getBoundingClientRect();
    const root = placed.nodes.get(tree.root);
    if (box === undefined || root === undefined) return;
    if (fits(placed, box)) flow.fitView({ padding: 0.1, maxZoom: 1 });
    else if (focus !== null) centre(focus, READABLE, 0);
    else
      flow.setViewport({
        x: box.width / 2 - (root.x + WIDTH / 2) * READABLE,
        y: TOP - root.y * READABLE,
        zoom: READABLE,
      });
  }, [flow, frame, placed, centre, focus, tree.root]);

  useEffect(() => {
    const at = focus === null ? undefined : placed.nodes.get(focus);
    const box = frame.current?.getBoundingClientRect();
    if (!opened.current || focus === null || at === undefined || box === undefined) return;
    const corner = flow.flowToScreenPosition(at);
    const end = flow.flowToScreenPosition({ x: at.x + WIDTH, y: at.y + HEIGHT });
    const inside = corner.x >= box.left && corner.y >= box.top && end.x <= box.right && end.y <= box.bottom;
    if (!inside) centre(focus);
  }, [flow, frame, placed, focus, centre]);

  const walk = useCallback(
    (event: KeyboardEvent) => {
      const from = (event.target as HTMLElement).dataset?.path;
      if (from === undefined || !KEYS.includes(event.key) || event.altKey || event.ctrlKey || event.metaKey)
        return;
      event.preventDefault();
      const to = event.key === "Home" ? tree.root : neighbour(placed, from, event.key);
      if (to === null) return;
      centre(to);
      focusOn(frame.current, to);
    },
    [tree, placed, frame, centre],
  );

  return { walk, open };
}

/** Whether all of it can be read at once. */
function fits(placed: Placed, box: { width: number; height: number }): boolean {
  const places = [...placed.nodes.values()];
  const width = Math.max(...places.map((one) => one.x)) - Math.min(...places.map((one) => one.x)) + WIDTH;
  const height = Math.max(...places.map((one) => one.y)) - Math.min(...places.map((one) => one.y)) + HEIGHT;
  return Math.min(box.width / width, box.height / height) > SMALLEST;
}

/** The node one row below or above along a way, or beside it in its row. */
function neighbour(placed: Placed, from: string, key: string): string | null {
  const here = placed.nodes.get(from);
  if (here === undefined) return null;
  const others = [...placed.nodes].filter(([path]) => path !== from);
  const ways = new Set(
    placed.ways.flatMap((way) =>
      way.source === from ? [way.target] : way.target === from ? [way.source] : [],
    ),
  );
  const sideways = key === "ArrowLeft" || key === "ArrowRight";
  const forward = key === "ArrowDown" || key === "ArrowRight" ? 1 : -1;
  const ahead = others.filter(([, at]) =>
    sideways ? at.y === here.y && (at.x - here.x) * forward > 0 : (at.y - here.y) * forward > 0,
  );
  const led = sideways ? ahead : ahead.filter(([path]) => ways.has(path));
  const choice = led.length > 0 ? led : ahead;
  const far = (at: { x: number; y: number }) => Math.abs(at.x - here.x) + Math.abs(at.y - here.y) * 2;
  const best = choice.sort(([, one], [, other]) => far(one) - far(other))[0];
  return best?.[0] ?? null;
}

/** The node is drawn only once it is in view. */
function focusOn(frame: HTMLElement | null, path: string, tries = 40) {
  const found = frame?.querySelector<HTMLElement>(`button[data-path="${CSS.escape(path)}"]`);
  if (found) found.focus({ preventScroll: true });
  else if (tries > 0) requestAnimationFrame(() => focusOn(frame, path, tries - 1));
}
