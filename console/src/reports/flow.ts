/** Laying out the ways that conversations took: columns of places from left to right, and ribbons between them. */

export interface Way {
  source: string;
  target: string;
  amount: number;
}

export interface Place {
  name: string;
  x: number;
  y: number;
  height: number;
  column: number;
  amount: number;
}

export interface Ribbon extends Way {
  /** Where its middle begins and ends. */
  from: [number, number];
  to: [number, number];
  width: number;
}

export interface Flow {
  places: Place[];
  ribbons: Ribbon[];
  /** Ways that lead back; drawn as ribbons they would hide everything. */
  back: Way[];
  width: number;
  height: number;
}

export const BAR = 12;
const COLUMN = 210;
const GAP = 26;
const LEAST = 3;
const LABEL = 170;

export function flowOf(ways: Way[], height = 420): Flow {
  const { forward, back } = parted(ways);
  const columns = columnsOf(forward, [...new Set(ways.flatMap((one) => [one.source, one.target]))]);
  const amounts = new Map<string, number>();
  for (const name of columns.flat()) {
    const coming = sum(forward.filter((one) => one.target === name));
    const going = sum(forward.filter((one) => one.source === name));
    amounts.set(name, Math.max(coming, going));
  }
  const most = Math.max(1, ...columns.map((names) => names.length));
  const room = Math.max(height, most * (GAP + 14));
  const scale = Math.min(
    ...columns.map(
      (names) =>
        (room - GAP * names.length) /
        Math.max(
          1,
          names.reduce((all, name) => all + amounts.get(name)!, 0),
        ),
    ),
  );
  const places = new Map<string, Place>();
  columns.forEach((names, column) => {
    const heights = names.map((name) => Math.max(LEAST, amounts.get(name)! * scale));
    const whole = heights.reduce((all, one) => all + one, 0) + GAP * (names.length - 1);
    let y = (room - whole) / 2;
    names.forEach((name, index) => {
      const tall = heights[index]!;
      places.set(name, { name, x: column * COLUMN, y, height: tall, column, amount: amounts.get(name)! });
      y += tall + GAP;
    });
  });
  return {
    places: [...places.values()],
    ribbons: ribbonsOf(forward, places, scale),
    back,
    width: (columns.length - 1) * COLUMN + BAR + LABEL,
    height: room,
  };
}

/** Ways that lead on, and those that would close a circle, found from where nothing leads to. */
function parted(ways: Way[]): { forward: Way[]; back: Way[] } {
  const from = new Map<string, Way[]>();
  for (const way of ways) from.set(way.source, [...(from.get(way.source) ?? []), way]);
  const reached = new Set(ways.map((one) => one.target));
  const sources = [...from.keys()];
  const roots = [...sources.filter((name) => !reached.has(name)), ...sources];
  const state = new Map<string, "under way" | "done">();
  const back = new Set<Way>();
  const visit = (name: string) => {
    state.set(name, "under way");
    for (const way of from.get(name) ?? []) {
      const there = state.get(way.target);
      if (there === "under way") back.add(way);
      else if (there === undefined) visit(way.target);
    }
    state.set(name, "done");
  };
  for (const root of roots) if (!state.has(root)) visit(root);
  return { forward: ways.filter((one) => !back.has(one)), back: [...back] };
}

/** Each place as far right as the longest way to it; in a column near to where its ways come from. */
function columnsOf(forward: Way[], names: string[]): string[][] {
  const depth = new Map(names.map((name) => [name, 0]));
  for (let round = 0; round < names.length; round += 1) {
    let moved = false;
    for (const { source, target } of forward) {
      const least = depth.get(source)! + 1;
      if (depth.get(target)! < least) {
        depth.set(target, least);
        moved = true;
      }
    }
    if (!moved) break;
  }
  const columns: string[][] = [];
  for (const name of names) {
    const column = depth.get(name)!;
    columns[column] = [...(columns[column] ?? []), name];
  }
  const order = new Map<string, number>();
  return Array.from(columns, (found = []) => {
    const middle = (name: string) => {
      const coming = forward.filter((one) => one.target === name && order.has(one.source));
      if (coming.length === 0) return 0;
      return coming.reduce((all, one) => all + order.get(one.source)! * one.amount, 0) / sum(coming);
    };
    const sorted = [...found].sort((one, other) => middle(one) - middle(other));
    sorted.forEach((name, index) => {
      order.set(name, sorted.length > 1 ? index / (sorted.length - 1) : 0.5);
    });
    return sorted;
  });
}

function ribbonsOf(forward: Way[], places: Map<string, Place>, scale: number): Ribbon[] {
  const used = { out: new Map<string, number>(), in: new Map<string, number>() };
  const take = (side: Map<string, number>, name: string, width: number) => {
    const begin = side.get(name) ?? 0;
    side.set(name, begin + width);
    return places.get(name)!.y + begin + width / 2;
  };
  const at = (name: string) => places.get(name)!;
  const width = (way: Way) => Math.max(1, way.amount * scale);
  const leaving = [...forward].sort((one, other) => at(one.target).y - at(other.target).y);
  const starts = new Map(leaving.map((way) => [way, take(used.out, way.source, width(way))]));
  const arriving = [...forward].sort((one, other) => at(one.source).y - at(other.source).y);
  return arriving.map((way) => ({
    ...way,
    from: [at(way.source).x + BAR, starts.get(way)!],
    to: [at(way.target).x, take(used.in, way.target, width(way))],
    width: width(way),
  }));
}

function sum(ways: Way[]): number {
  return ways.reduce((all, one) => all + one.amount, 0);
}
