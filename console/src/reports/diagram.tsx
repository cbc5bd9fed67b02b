/** The ways that conversations took, drawn: places as bars, and ribbons as wide as so many went there. */

import { Text } from "@mantine/core";
import { kindOf } from "../kinds";
import { count } from "../words";
import classes from "./diagram.module.css";
import { BAR, flowOf, type Ribbon, type Way } from "./flow";

const COLOURS: Record<string, string> = {
  connectors: "indigo",
  automessages: "cyan",
  time_conditions: "yellow",
  decision_trees: "violet",
  chatbots: "grape",
  queues: "teal",
  terminates: "orange",
  end: "gray",
};
const PAD = 12;
/** It is made so much smaller to fit; what is still too wide scrolls. */
const LEAST = 0.7;

/** A place's name apart: `queues/support` is of the kind `queues`. */
export function partsOf(place: string): [kind: string, name: string] {
  const at = place.indexOf("/");
  return [place.slice(0, at), place.slice(at + 1)];
}

export function wordOf(kind: string): string {
  return kind === "end" ? "end" : (kindOf(kind)?.one ?? kind);
}

export function FlowDiagram({ ways }: { ways: Way[] }) {
  const flow = flowOf(ways);
  const wide = flow.width + 2 * PAD;
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
      <section className={classes.frame} tabIndex={0} aria-label="Flow diagram">
        <svg
          role="img"
          aria-label="Ways that conversations took. The table below says the same."
          className={classes.drawing}
          style={{ minWidth: LEAST * wide, maxWidth: wide }}
          viewBox={`${-PAD} ${-PAD} ${wide} ${flow.height + 2 * PAD}`}
        >
          {flow.ribbons.map((one) => (
            <path
              key={`${one.source} ${one.target}`}
              className={classes.ribbon}
              fill={`var(--mantine-color-${COLOURS[partsOf(one.source)[0]] ?? "gray"}-5)`}
              d={outline(one)}
            >
              <title>{`${one.source} to ${one.target}: ${count(one.amount, "conversation")}`}</title>
            </path>
          ))}
          {flow.places.map((one) => {
            const [kind, name] = partsOf(one.name);
            return (
              <g key={one.name}>
                <rect
                  x={one.x}
                  y={one.y}
                  width={BAR}
                  height={one.height}
                  rx={3}
                  fill={`var(--mantine-color-${COLOURS[kind] ?? "gray"}-6)`}
                >
                  <title>{`${one.name}: ${count(one.amount, "conversation")}`}</title>
                </rect>
                <text x={one.x + BAR + 6} y={one.y + one.height / 2 - 3} className={classes.name}>
                  {name.length > 24 ? `${name.slice(0, 23)}…` : name}
                </text>
                <text x={one.x + BAR + 6} y={one.y + one.height / 2 + 11} className={classes.kind}>
                  {wordOf(kind)}, {one.amount.toLocaleString()}
                </text>
              </g>
            );
          })}
        </svg>
      </section>
      {flow.back.length > 0 && (
        <Text size="xs" c="dimmed" mt="xs">
          {count(flow.back.length, "way")} back to an earlier place {flow.back.length === 1 ? "is" : "are"} in
          the table only.
        </Text>
      )}
    </>
  );
}

/** The edge of a ribbon, from its upper left corner around. */
function outline({ from: [left, begin], to: [right, end], width }: Ribbon): string {
  const [half, middle] = [width / 2, (left + right) / 2];
  const there = `M ${left} ${begin - half} C ${middle} ${begin - half}, ${middle} ${end - half}, ${right} ${end - half}`;
  const back = `L ${right} ${end + half} C ${middle} ${end + half}, ${middle} ${begin + half}, ${left} ${begin + half}`;
  return `${there} ${back} Z`;
}
