import { type Confinement, packsSeen } from '#domain/confinement.ts';

/** A condition with the values of its question marks. */
export type Condition = readonly [text: string, values: readonly (string | number)[]];

/** The condition that a column holds the ref of an action which a confinement lets through. */
export function within(confinedTo: Confinement | undefined, column: string): Condition {
  if (!confinedTo) return ['true', []];
  const pack = `substr(${column}, 1, instr(${column}, '.') - 1)`;
  return [
    `(${column} IN (SELECT value FROM json_each(?)) OR ${pack} IN (SELECT value FROM json_each(?)))`,
    [JSON.stringify(confinedTo.actions), JSON.stringify(confinedTo.packs)],
  ];
}

/** The condition that a column holds the ref of a pack which a confinement lets through, whole or in part. */
export function withinPacks(
  confinedTo: Confinement | undefined,
  { column, isWhole }: { readonly column: string; readonly isWhole: boolean },
): Condition {
  if (!confinedTo) return ['true', []];
  const packs = isWhole ? confinedTo.packs : packsSeen(confinedTo);
  return [`${column} IN (SELECT value FROM json_each(?))`, [JSON.stringify(packs)]];
}
