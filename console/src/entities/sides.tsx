/** The sandbox and production beside each other: a card for each, told who changed it last. */

import { Card, Group, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import type { Schemas } from "../api/client";
import { ago } from "../words";
import type { Value } from "./document";
import { FormOf } from "./form";

export function Side({
  title,
  told,
  badge,
  visibleFrom,
  children,
}: {
  title: string;
  told: string;
  badge?: ReactNode;
  /** For a side that is only shown where there is room for it. */
  visibleFrom?: "lg";
  children: ReactNode;
}) {
  return (
    <Card withBorder visibleFrom={visibleFrom}>
      <SideTitle title={title} told={told} badge={badge} />
      {children}
    </Card>
  );
}

export function SideTitle({ title, told, badge }: { title: string; told: string; badge?: ReactNode }) {
  return (
    <Group justify="space-between" mb="md">
      <div>
        <Title order={2} size="h4">
          {title}
        </Title>
        <Text size="xs" c="dimmed">
          {told}
        </Text>
      </div>
      {badge}
    </Group>
  );
}

/** What production has, in the fields of the form, to read. */
export function ProductionForm({
  document,
  other,
  children,
}: {
  document: Value;
  /** The sandbox; undefined where it is not shown. */
  other?: Value;
  children: ReactNode;
}) {
  return (
    <FormOf id="production" document={document} other={other} problems={[]} readOnly change={() => {}}>
      {children}
    </FormOf>
  );
}

/** With which revision production got it, and from whom. */
export function revised(
  version: Pick<Schemas["ProductionVersion"], "revision" | "author" | "changed_at">,
): string {
  return `revision ${version.revision}, ${version.author}, ${ago(version.changed_at)}`;
}
