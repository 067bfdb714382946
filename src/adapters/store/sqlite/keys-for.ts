import { parsed } from '#adapters/store/json.ts';
import type { KeyRow, SelectedKey } from '#adapters/store/key-values.ts';
import { asReference, type EncryptedParameters } from '#adapters/store/secret-parameters.ts';
import { isRecord } from '#domain/record.ts';
import type { Sqlite } from './open.ts';

interface ActionColumns {
  /** null: the execution has no action. */
  readonly action: number | null;
  readonly action_ref: string;
  readonly pack_ref: string | null;
  readonly param_schema: string | null;
}

/** The keys of an action and of its pack, and those of the system that the action asks for by a secret parameter. */
export function keysFor({ database }: Sqlite, row: ActionColumns): readonly SelectedKey[] {
  const rows = database
    .query<SelectedKey & { value: string }, [string | null, string | null, string]>(`
      SELECT ref, owner_type, name, encrypted, encryption_key_hash, value FROM key
      WHERE owner_type = 'action' AND owner = ?1 OR owner_type = 'pack' AND owner = ?2
        OR owner_type = 'system' AND name IN (SELECT value FROM json_each(?3))`)
    .all(row.action === null ? null : row.action_ref, row.pack_ref, JSON.stringify(secretNames(row.param_schema)));
  return rows.map((one) => ({ ...one, value: parsed(one.value) }));
}

/** The keys that a request has named, each for a parameter. */
export function referencedKeys(
  { database }: Sqlite,
  { keys = {} }: Pick<EncryptedParameters, 'keys'>,
): readonly SelectedKey[] {
  return Object.entries(keys).map(([parameter, ref]) => {
    const row = database
      .query<KeyRow & { value: string }, [string]>(
        'SELECT ref, owner_type, owner, name, encrypted, encryption_key_hash, value FROM key WHERE ref = ?',
      )
      .get(ref);
    return asReference({ ref, parameter, found: row && { ...row, value: parsed(row.value) } });
  });
}

/** Parameters stand in `properties`, as JSON Schema has it, or directly in the schema, as Attune writes it. */
function secretNames(schema: string | null): readonly string[] {
  const document = parsed(schema);
  if (!isRecord(document)) return [];
  const parameters = document['properties'] === undefined ? document : document['properties'];
  if (!isRecord(parameters)) return [];
  return Object.entries(parameters).flatMap(([name, one]) => (isRecord(one) && one['secret'] === true ? [name] : []));
}
