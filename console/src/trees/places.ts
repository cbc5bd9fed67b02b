/** Where in the console a path of the configuration is edited. */

/** The address of the entity, decision or action at the path. */
export function addressOf(path: string): string {
  const [kind, name, part, decision, ...rest] = path.split("/");
  const entity = `/routing/${kind}/${name}`;
  if (kind !== "decision_trees" || part !== "decisions" || decision === undefined) return entity;
  const query = new URLSearchParams({ decision });
  if (rest.length > 0) query.set("at", rest.join("/"));
  return `${entity}?${query}`;
}
