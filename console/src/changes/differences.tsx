/** What differs between two configurations, entity by entity, in words; before and after on demand. */

import { Anchor, Badge, Button, Code, Group, SimpleGrid, Stack, Text } from "@mantine/core";
import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { useState } from "react";
import { Link } from "react-router";
import type { Schemas } from "../api/client";
import type { Value } from "../entities/document";
import { kindOf } from "../kinds";
import classes from "./changes.module.css";

const COLOURS: Record<string, string> = { added: "green", changed: "yellow", removed: "red", moved: "blue" };
const FIRST = 50;

export function Differences({ diff }: { diff: Schemas["Differences"] }) {
  const [all, setAll] = useState(false);
  if (!diff.differs) return <Text c="dimmed">There is no difference.</Text>;
  if (diff.entities.length === 0)
    return <Text>Only the order of names is another one. Nothing behaves otherwise.</Text>;
  const shown = all ? diff.entities : diff.entities.slice(0, FIRST);
  return (
    <Stack gap="xs">
      {shown.map((one) => (
        <Entity key={one.path} entity={one} />
      ))}
      {shown.length < diff.entities.length && (
        <Button variant="default" w="fit-content" onClick={() => setAll(true)}>
          Show all {diff.entities.length}
        </Button>
      )}
    </Stack>
  );
}

function Entity({ entity }: { entity: Schemas["EntityChange"] }) {
  const kind = kindOf(entity.kind);
  const to = entity.kind === "languages" ? "/languages" : `/routing/${entity.kind}/${entity.name}`;
  return (
    <div className={classes.entity}>
      <Group gap="xs" mb={entity.fields.length > 0 ? 4 : 0}>
        {kind && <kind.icon size={16} stroke={1.6} aria-hidden />}
        {kind || entity.kind === "languages" ? (
          <Anchor component={Link} to={to} fw={600} size="sm">
            {entity.title || entity.name || "Languages"}
          </Anchor>
        ) : (
          <Text fw={600} size="sm">
            {entity.path}
          </Text>
        )}
        {kind && (
          <Text size="xs" c="dimmed">
            {kind.one}
          </Text>
        )}
        <Badge variant="light" color={COLOURS[entity.change]}>
          {entity.change}
        </Badge>
      </Group>
      {entity.fields.map((one, index) => (
        <Field key={index} field={one} />
      ))}
    </div>
  );
}

function Field({ field }: { field: Schemas["FieldChange"] }) {
  const [open, setOpen] = useState(false);
  const Icon = open ? IconChevronDown : IconChevronRight;
  return (
    <div>
      <button type="button" className={classes.field} aria-expanded={open} onClick={() => setOpen(!open)}>
        <Icon size={14} aria-hidden />
        <Text size="sm" span className={classes.wrap}>
          {field.words}
        </Text>
      </button>
      {open && (
        <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="xs" pl={20} pb="xs">
          <Side title="Before" path={field.old_path ?? field.path} value={field.old} />
          <Side title="After" path={field.path} value={field.new} />
        </SimpleGrid>
      )}
    </div>
  );
}

function Side({ title, path, value }: { title: string; path: string; value: Value }) {
  const there = value !== undefined && value !== null;
  return (
    <div>
      <Text size="xs" c="dimmed" className={classes.wrap}>
        {title}: {path}
      </Text>
      <Code block fz="xs" className={classes.wrap}>
        {there ? (typeof value === "string" ? value : JSON.stringify(value, null, 2)) : "(nothing)"}
      </Code>
    </div>
  );
}
