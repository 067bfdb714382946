import { type Confinement, packsSeen } from '#domain/confinement.ts';
import type { Connected } from './connect.ts';

type Sql = Connected['sql'];

/** `AND …`: the ref of an action in this column is one that a confinement lets through. */
export function within(sql: Sql, confinedTo: Confinement | undefined, column: string) {
  if (!confinedTo) return sql``;
  const ref = sql.unsafe(column);
  const { actions, packs } = confinedTo;
  return sql`AND (${ref} IN (${texts(sql, actions)}) OR split_part(${ref}, '.', 1) IN (${texts(sql, packs)}))`;
}

/** `AND …`: the ref of a pack in this column is one that a confinement lets through, whole or in part. */
export function withinPacks(
  sql: Sql,
  confinedTo: Confinement | undefined,
  { column, isWhole }: { readonly column: string; readonly isWhole: boolean },
) {
  if (!confinedTo) return sql``;
  return sql`AND ${sql.unsafe(column)} IN (${texts(sql, isWhole ? confinedTo.packs : packsSeen(confinedTo))})`;
}

function texts(sql: Sql, all: readonly string[]) {
  return sql`SELECT json_array_elements_text(${JSON.stringify(all)}::text::json)`;
}
