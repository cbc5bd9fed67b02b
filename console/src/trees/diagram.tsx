/** A tree of destinations and decisions as a picture that can be moved, zoomed and walked through by keyboard. */

import "@xyflow/react/dist/style.css";

import { useComputedColorScheme } from "@mantine/core";
import {
  Background,
  Controls,
  MarkerType,
  MiniMap,
  Position,
  ReactFlow,
  ReactFlowProvider,
} from "@xyflow/react";
import { type ReactNode, useCallback, useId, useMemo, useRef } from "react";
import classes from "./diagram.module.css";
import { Line, type WayEdge } from "./edge";
import { type Lit, lit } from "./highlight";
import { type DrawnEdge, type DrawnTree, HEIGHT, layout, type Placed, shapeOf, WIDTH } from "./layout";
import { Place, type PlaceNode } from "./node";
import { Selecting } from "./selecting";
import { useWalk } from "./walk";

/** Fewer nodes than these need no overview. */
const MANY = 12;
const NODES = { place: Place };
const EDGES = { way: Line };
/** The size is known, so that nothing has to be drawn to be measured; what is drawn measures the same. */
const SIZE = {
  width: WIDTH,
  height: HEIGHT,
  measured: { width: WIDTH, height: HEIGHT },
  handles: [
    { type: "target" as const, position: Position.Top, x: WIDTH / 2, y: 0, width: 1, height: 1 },
    { type: "source" as const, position: Position.Bottom, x: WIDTH / 2, y: HEIGHT, width: 1, height: 1 },
  ],
};
const ASIDE: DrawnEdge["kind"][] = ["no_match", "no_answer", "idle", "takeover", "fallback", "overflow"];

interface DiagramProps {
  tree: DrawnTree;
  /** Paths that were visited, in their order: they light up, the last one most. */
  highlight?: readonly string[];
  /** The path of the node that is chosen. */
  selected?: string | null;
  /** Called with the path of a node that is clicked, or chosen with Enter. */
  onSelect?: (path: string) => void;
  /** A CSS height. */
  height?: string | number;
  label?: string;
  /** More controls, such as a `Panel` of React Flow. */
  children?: ReactNode;
}

export function Diagram(props: DiagramProps) {
  return (
    <ReactFlowProvider>
      <Drawing {...props} />
    </ReactFlowProvider>
  );
}

function Drawing({
  tree,
  highlight,
  selected = null,
  onSelect,
  height = "60vh",
  label = "Diagram tree",
  children,
}: DiagramProps) {
  const scheme = useComputedColorScheme("light");
  const told = useId();
  const shape = shapeOf(tree);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the shape is all that the layout reads
  const placed = useMemo(() => layout(tree), [shape]);
  const shining = useMemo(
    () => (highlight === undefined || highlight.length === 0 ? null : lit(tree, placed.ways, highlight)),
    [tree, placed, highlight],
  );
  const nodes = useMemo(() => nodesOf(tree, placed, selected, shining), [tree, placed, selected, shining]);
  const edges = useMemo(() => edgesOf(placed, shining), [placed, shining]);
  const frame = useRef<HTMLElement>(null);
  const focus = shining?.last ?? selected;
  const { walk, open } = useWalk({ frame, tree, placed, focus });
  const choose = useRef(onSelect);
  choose.current = onSelect;
  const select = useCallback((path: string) => choose.current?.(path), []);
  return (
    <section
      ref={frame}
      className={classes.frame}
      style={{ height }}
      aria-label={label}
      aria-describedby={told}
      onKeyDown={walk}
    >
      <span id={told} className={classes.hidden}>
        Arrow keys go from node to node, Home goes to the first, Enter chooses.
      </span>
      <Selecting.Provider value={select}>
        <ReactFlow<PlaceNode, WayEdge>
          nodes={nodes}
          edges={edges}
          nodeTypes={NODES}
          edgeTypes={EDGES}
          colorMode={scheme}
          onInit={open}
          minZoom={0.02}
          maxZoom={2}
          onlyRenderVisibleElements
          nodesDraggable={false}
          nodesConnectable={false}
          nodesFocusable={false}
          edgesFocusable={false}
          elementsSelectable={false}
          disableKeyboardA11y
          deleteKeyCode={null}
          selectionKeyCode={null}
          multiSelectionKeyCode={null}
        >
          <Background gap={24} />
          <Controls showInteractive={false} aria-label="Zoom" />
          {tree.nodes.length >= MANY && (
            <MiniMap
              pannable
              zoomable
              ariaLabel="Overview of the diagram"
              className={classes.map}
              nodeColor={colour}
              nodeBorderRadius={8}
            />
          )}
          {children}
        </ReactFlow>
      </Selecting.Provider>
    </section>
  );
}

function nodesOf(tree: DrawnTree, placed: Placed, selected: string | null, shining: Lit | null): PlaceNode[] {
  const starts = new Set(tree.edges.filter((one) => one.kind === "start").map((one) => one.target));
  return tree.nodes.flatMap((node) => {
    const position = placed.nodes.get(node.path);
    if (position === undefined) return [];
    return {
      id: node.path,
      type: "place" as const,
      position,
      ...SIZE,
      selected: node.path === selected,
      className: glow(shining, shining?.nodes.has(node.path), node.path),
      data: { node, start: node.start ?? starts.has(node.path) },
    };
  });
}

function edgesOf(placed: Placed, shining: Lit | null): WayEdge[] {
  return placed.ways.map((way) => {
    const kinds = way.edges.map((one) => one.kind);
    const missing = way.edges.some((one) => one.missing);
    const on = shining?.ways.has(way.id) ?? false;
    const aside = kinds.every((one) => ASIDE.includes(one));
    const color = on ? "var(--mantine-color-green-7)" : missing ? "var(--mantine-color-red-6)" : undefined;
    return {
      id: way.id,
      type: "way" as const,
      source: way.source,
      target: way.target,
      className: [aside && "aside", missing && "missing", glow(shining, on)].filter(Boolean).join(" "),
      markerEnd: {
        type: MarkerType.ArrowClosed,
        color: color ?? "var(--xy-edge-stroke)",
        width: 16,
        height: 16,
      },
      data: { way, lit: on },
    };
  });
}

const COLOURS: Record<string, string> = {
  connector: "pink-6",
  automessage: "teal-6",
  time_condition: "orange-6",
  chatbot: "grape-6",
  queue: "cyan-6",
  terminate: "gray-6",
};

function colour(node: PlaceNode): string {
  return `var(--mantine-color-${COLOURS[node.data.node.kind] ?? "signal-4"})`;
}

function glow(shining: Lit | null, on: boolean | undefined, path?: string): string | undefined {
  if (shining === null) return undefined;
  return on ? (path !== undefined && path === shining.last ? "lit last" : "lit") : "dim";
}
