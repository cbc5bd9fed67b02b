/** Actions are dragged, by mouse, finger or keyboard, into gaps between others, also inside conditions and loops. */

import {
  type CollisionDetection,
  DndContext,
  type DragEndEvent,
  DragOverlay,
  type KeyboardCoordinateGetter,
  KeyboardSensor,
  PointerSensor,
  useDroppable,
  useSensor,
  useSensors,
} from "@dnd-kit/core";
import { type ReactNode, useState } from "react";
import { at, type Path, type Value } from "../entities/document";
import { actionKind } from "./actions";
import { starts } from "./change";
import classes from "./editor.module.css";

interface Gap {
  list: Path;
  index: number;
}

export function Dragging({
  decision,
  onMove,
  children,
}: {
  decision: Value;
  onMove: (from: Path, list: Path, index: number) => void;
  children: ReactNode;
}) {
  const [active, setActive] = useState<Path | null>(null);
  const sensors = useSensors(
    useSensor(PointerSensor, { activationConstraint: { distance: 5 } }),
    useSensor(KeyboardSensor, { coordinateGetter: nextGap }),
  );
  const finish = ({ active: dragged, over }: DragEndEvent) => {
    setActive(null);
    const gap = over?.data.current as Gap | undefined;
    const from = dragged.data.current?.path as Path | undefined;
    if (gap !== undefined && from !== undefined) onMove(from, gap.list, gap.index);
  };
  const name = (path: Path | undefined) => actionKind(at(decision, path ?? []))?.label ?? "The action";
  return (
    <DndContext
      sensors={sensors}
      collisionDetection={nearestGap}
      onDragStart={({ active: dragged }) => setActive((dragged.data.current?.path as Path) ?? null)}
      onDragCancel={() => setActive(null)}
      onDragEnd={finish}
      accessibility={{
        screenReaderInstructions: {
          draggable:
            "Press Space to pick up the action, the arrow keys to move it, Space to put it down, Escape to leave it.",
        },
        announcements: {
          onDragStart: ({ active: one }) => `${name(one.data.current?.path)} is picked up.`,
          onDragOver: ({ over }) => (over ? `It would go to ${placeWords(over.data.current as Gap)}.` : ""),
          onDragEnd: ({ active: one, over }) =>
            over
              ? `${name(one.data.current?.path)} is at ${placeWords(over.data.current as Gap)}.`
              : "It stays where it was.",
          onDragCancel: () => "It stays where it was.",
        },
      }}
    >
      {children}
      <DragOverlay dropAnimation={null}>
        {active !== null && <div className={classes.dragged}>{name(active)}</div>}
      </DragOverlay>
    </DndContext>
  );
}

/** A place between two actions, at which one can be put down. */
export function GapBetween({ list, index, empty }: Gap & { empty?: ReactNode }) {
  const { setNodeRef, isOver, active } = useDroppable({
    id: `gap:${list.join("/")}@${index}`,
    data: { list, index } satisfies Gap,
  });
  const from = active?.data.current?.path as Path | undefined;
  const inside = from !== undefined && starts(list, from);
  return (
    <div
      ref={setNodeRef}
      className={classes.gap}
      data-over={(isOver && !inside) || undefined}
      data-empty={empty !== undefined || undefined}
    >
      {empty}
    </div>
  );
}

function placeWords({ list, index }: Gap): string {
  const inside = list.length > 1 ? ` of ${list.at(-1)}` : "";
  return `place ${index + 1}${inside}`;
}

/** The gap nearest to the pointer, or to the upper left corner of what is moved by keyboard. */
const nearestGap: CollisionDetection = ({
  active,
  droppableContainers,
  droppableRects,
  pointerCoordinates,
  collisionRect,
}) => {
  const from = active.data.current?.path as Path;
  const point = pointerCoordinates ?? { x: collisionRect.left, y: collisionRect.top };
  const found = droppableContainers.flatMap((container) => {
    const rect = droppableRects.get(container.id);
    const gap = container.data.current as Gap | undefined;
    if (rect === undefined || gap === undefined || starts(gap.list, from)) return [];
    const aside = Math.max(rect.left - point.x, 0, point.x - rect.right);
    const away = pointerCoordinates
      ? Math.max(rect.top - point.y, 0, point.y - rect.bottom)
      : Math.abs(rect.top - point.y);
    const value = away + aside * 2 + (pointerCoordinates ? 0 : Math.abs(rect.left - point.x));
    return [{ id: container.id, data: { droppableContainer: container, value } }];
  });
  return found.sort((one, other) => one.data.value - other.data.value).slice(0, 1);
};

/** The arrow keys go from gap to gap, in the order in which they are seen. */
const nextGap: KeyboardCoordinateGetter = (event, { currentCoordinates, context }) => {
  const down = event.code === "ArrowDown" || event.code === "ArrowRight";
  const up = event.code === "ArrowUp" || event.code === "ArrowLeft";
  const from = context.active?.data.current?.path as Path | undefined;
  if ((!down && !up) || from === undefined) return undefined;
  event.preventDefault();
  const gaps = context.droppableContainers
    .getEnabled()
    .flatMap((container) => {
      const rect = context.droppableRects.get(container.id);
      const gap = container.data.current as Gap | undefined;
      return rect === undefined || gap === undefined || starts(gap.list, from)
        ? []
        : [{ id: container.id, rect }];
    })
    .sort((one, other) => one.rect.top - other.rect.top || one.rect.left - other.rect.left);
  const here = gaps.findIndex((one) => one.id === context.over?.id);
  const begun =
    here >= 0 ? here : gaps.findIndex((one) => one.rect.top > currentCoordinates.y) - (down ? 1 : 0);
  const next = gaps[Math.min(Math.max(begun + (down ? 1 : -1), 0), gaps.length - 1)];
  return next ? { x: next.rect.left, y: next.rect.top } : undefined;
};
