/** The decisions of a tree as a diagram: click one to edit it, find one by its title, add one with the plus. */

import { Group, Select } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { Panel } from "@xyflow/react";
import { useMemo } from "react";
import { useNavigate } from "react-router";
import type { Problem } from "../api/client";
import type { Value } from "../entities/document";
import { useItems } from "../entities/references";
import { Diagram } from "../trees/diagram";
import { addressOf } from "../trees/places";
import { drawn } from "./drawn";
import { useEditing } from "./editing";
import { Plus } from "./plus";

export function Canvas({
  name,
  tree,
  problems,
  onAdd,
}: {
  name: string;
  /** As it was a moment ago, so that typing does not wait for the drawing. */
  tree: Value;
  problems: Problem[];
  onAdd: (title: string) => void;
}) {
  const { decision, choose, readOnly, marks } = useEditing();
  const navigate = useNavigate();
  const titles = useTitles();
  const root = `decision_trees/${name}`;
  const shown = useMemo(
    () => drawn(name, tree, titles, problems, marks),
    [name, tree, titles, problems, marks],
  );
  const decisions = Object.entries<Value>(tree.decisions ?? {}).map(([value, one]) => ({
    value,
    label: String(one?.title || value),
  }));
  return (
    <Diagram
      tree={shown}
      selected={decision === null ? null : `${root}/decisions/${decision}`}
      height="100%"
      label="Decisions"
      onSelect={(path) => {
        const key = path.startsWith(`${root}/decisions/`) ? path.slice(`${root}/decisions/`.length) : null;
        if (key === null) navigate(addressOf(path));
        else if (tree.decisions?.[key] !== undefined) choose(key);
      }}
    >
      <Panel position="top-left">
        <Group gap={6} wrap="nowrap">
          {!readOnly && (
            <Plus label="Add a decision" size={20} position="bottom-start" returnFocus onName={onAdd} />
          )}
          <Select
            aria-label="Find a decision"
            placeholder={`Find one of ${decisions.length}`}
            w={{ base: 170, sm: 220 }}
            searchable
            limit={100}
            leftSection={<IconSearch size={15} />}
            data={decisions}
            value={null}
            onChange={(next) => next !== null && choose(next)}
            nothingFoundMessage="Nothing found"
          />
        </Group>
      </Panel>
    </Diagram>
  );
}

/** The titles of all places that a target can lead to. */
function useTitles() {
  const automessages = useItems("automessages");
  const time_conditions = useItems("time_conditions");
  const decision_trees = useItems("decision_trees");
  const chatbots = useItems("chatbots");
  const queues = useItems("queues");
  const terminates = useItems("terminates");
  return useMemo(
    () => ({ automessages, time_conditions, decision_trees, chatbots, queues, terminates }),
    [automessages, time_conditions, decision_trees, chatbots, queues, terminates],
  );
}
