import { extname } from 'node:path';
import type { Parameters } from '#domain/action.ts';
import type { Cipher } from '#domain/cipher.ts';
import { messageOf } from '#domain/errors.ts';
import { families, findFamily } from '#domain/families.ts';
import { findMarkers, type JoinedExecution } from '#domain/joined-execution.ts';
import { withValueAt } from '#domain/json-pointer.ts';
import { isRecord } from '#domain/record.ts';
import { decryptValue } from './key-values.ts';

/** The columns of an execution that only the tables of Attune's Rust control plane have. */
export interface JoinedColumns {
  readonly rule_ref: string | null;
  readonly trigger_ref: string | null;
  readonly executor: string | number | null;
  readonly permission_set_refs: readonly string[];
  readonly workflow_ref: string | null;
  readonly is_adhoc: boolean;
  /** The last part of the ref of its runtime, and the aliases. */
  readonly runtime_names: readonly string[] | null;
  readonly secrets: readonly SecretParameterRow[] | null;
}

/** A row of `execution_secret_value` that belongs to the parameters. */
export interface SecretParameterRow {
  readonly json_path: string;
  readonly encryption_key_hash: string | null;
  readonly encrypted_value: unknown;
}

export interface JoinedParameters {
  readonly parameters: Parameters;
  /** The values that were restored. */
  readonly secrets: readonly unknown[];
  /** Why the parameters cannot be had; the execution must not run without them. */
  readonly problem: string | undefined;
}

/** Puts the secret values into parameters in the places of their markers, then fills in the defaults of the schema. */
export function restoreParameters(
  config: unknown,
  { rows, schema }: { readonly rows: readonly SecretParameterRow[]; readonly schema: unknown },
  cipher: Cipher | undefined,
): JoinedParameters {
  if (config !== null && !isRecord(config))
    return { parameters: {}, secrets: [], problem: 'its parameters are not a JSON object' };
  try {
    const values = rows.map((row) => ({ at: row.json_path, value: decryptParameter(row, cipher) }));
    const restored = values.reduce<unknown>((whole, { at, value }) => withValueAt(whole, at, value) ?? whole, config);
    const parameters = withDefaults(isRecord(restored) ? restored : {}, schema);
    const left = findMarkers(parameters);
    return {
      parameters,
      secrets: values.map(({ value }) => value),
      problem: left.length === 0 ? undefined : `its parameter ${left.join(', ')} was replaced by a marker, ${NO_VALUE}`,
    };
  } catch (error) {
    return { parameters: {}, secrets: [], problem: messageOf(error) };
  }
}

const NO_VALUE = 'and execution_secret_value does not hold its value: run the execution again with the parameter';

/** Attune's Rust control plane binds no value to its place. */
const PLACE = ['execution_secret_value', 'encrypted_value'] as const;

function decryptParameter(row: SecretParameterRow, cipher: Cipher | undefined): unknown {
  const { encryption_key_hash: hash, encrypted_value: value } = row;
  return decryptValue({ what: `its parameter ${row.json_path}`, hash, value, place: PLACE }, cipher);
}

/** A parameter that is missing or null has the default of the schema: only the message of the scheduler says so. */
function withDefaults(parameters: Parameters, schema: unknown): Parameters {
  if (!isRecord(schema)) return parameters;
  const properties = isRecord(schema['properties']) ? schema['properties'] : schema;
  const missing = Object.entries(properties).filter(
    ([name, one]) => isRecord(one) && 'default' in one && (parameters[name] ?? null) === null,
  );
  return { ...parameters, ...Object.fromEntries(missing.map(([name, one]) => [name, Object(one)['default']])) };
}

export function readJoined(columns: JoinedColumns, secrets: readonly unknown[]): Omit<JoinedExecution, 'notes'> {
  return {
    rule: columns.rule_ref ?? undefined,
    trigger: columns.trigger_ref ?? undefined,
    identity: columns.executor === null ? undefined : String(columns.executor),
    permissionSets: columns.permission_set_refs,
    workflowRef: columns.workflow_ref ?? undefined,
    secrets,
  };
}

/** Shell code that the entry point of an action is, instead of a file of its pack; undefined if it is no code. */
export function codeInEntryPoint(
  entryPoint: string,
  joined: JoinedColumns | null | undefined,
  runtime: string | undefined,
): string | undefined {
  const isShell = findFamily(runtime ?? 'shell')?.name === 'shell';
  return joined && isShell && (joined.is_adhoc || /\s/.test(entryPoint)) ? entryPoint : undefined;
}

interface NamedRuntime {
  readonly runtime: string | null;
  readonly entrypoint: string | null;
  readonly joined?: JoinedColumns | null | undefined;
}

/**
 * The name of the runtime of an action: the first of its names that the agent knows, else the one that is registered.
 * In tables of Attune's Rust control plane an action without a runtime has that of its file's extension.
 */
export function runtimeNameOf({ runtime, entrypoint, joined }: NamedRuntime): string | undefined {
  if (!joined) return runtime ?? undefined;
  const { runtime_names: others } = joined;
  if (runtime === null) return families.find((one) => one.script.extensions.includes(extname(entrypoint ?? '')))?.name;
  return [runtime, ...(others ?? [])].find((one) => findFamily(one) !== undefined) ?? runtime;
}
