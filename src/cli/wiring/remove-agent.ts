import type { Sql } from '#adapters/store/postgres/connect.ts';
import { findKind } from '#adapters/store/postgres/find-kind.ts';
import { isNewer, type Removed, reasonsToStay, removeAgent } from '#adapters/store/postgres/joined/remove.ts';
import { joinedSchema } from '#adapters/store/postgres/joined/schema.ts';
import { VERSION } from '#cli/version.ts';
import { failure, type Result, success } from '#domain/result.ts';

/** Takes attune-agent out of a joined database. The error says why it stays there. */
export async function removeFrom(sql: Sql, isForced: boolean): Promise<Result<Removed, string>> {
  const found = await findKind(sql);
  if (found.kind === 'own')
    return failure(
      "this database is attune-agent's own: only out of one of Attune's Rust control plane can it be taken. DROP SCHEMA attune CASCADE removes all there is",
    );
  const schema = await joinedSchema(sql, found, VERSION);
  if (await isNewer(sql, schema.name))
    return failure('a newer version of attune-agent has migrated this database: let that version take it out again');
  const reasons = isForced ? [] : await reasonsToStay(sql, schema.name);
  if (reasons.length > 0) return failure(`${reasons.join('; ')}. Nothing was removed; --force removes it all the same`);
  return success(await removeAgent(sql, schema));
}

/** Describes in lines what was removed. */
export function describeRemoved({ indexes, functions, tables, leftovers }: Removed): string {
  const what: readonly (readonly [string, readonly string[]])[] = [
    ['indexes', indexes],
    ['SQL functions', functions],
    ['tables', tables],
    ['what an unfinished migration had left', leftovers],
  ];
  const lines = what.flatMap(([kind, names]) => (names.length === 0 ? [] : [`removed ${kind}: ${names.join(', ')}`]));
  if (lines.length === 0) return 'nothing of attune-agent is in this database\n';
  const rest =
    'the rows of its workers and executions stay, and the role attune_worker, which other databases of the server may use';
  return [...lines, rest].map((line) => `${line}\n`).join('');
}
