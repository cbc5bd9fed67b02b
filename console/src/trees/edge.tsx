/** The ways from one node to another as a line with its labels. */

import { BaseEdge, type Edge, type EdgeProps } from "@xyflow/react";
import { memo } from "react";
import classes from "./diagram.module.css";
import { LINE, rounded, type Way } from "./layout";

export type WayEdge = Edge<{ way: Way; lit: boolean }, "way">;

export const Line = memo(function Line({ data, markerEnd }: EdgeProps<WayEdge>) {
  const { points, far, label, lines, width, edges } = data!.way;
  const height = lines.length * LINE;
  return (
    <>
      <BaseEdge
        path={rounded(data!.lit ? (far ?? points) : points)}
        markerEnd={far && !data!.lit ? undefined : markerEnd}
        interactionWidth={0}
      />
      <g className={classes.label} transform={`translate(${label.x - width / 2} ${label.y - height / 2})`}>
        <title>{edges.map((one) => [one.label, one.when].filter(Boolean).join(", if ")).join("\n")}</title>
        <rect width={width} height={height} rx={4} />
        {lines.map((line, index) => (
          <text key={line} x={width / 2} y={index * LINE + LINE / 2} dominantBaseline="central">
            {line}
          </text>
        ))}
      </g>
    </>
  );
});
