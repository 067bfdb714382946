import type { Cipher } from '#domain/cipher.ts';
import type { ClaimedAction, ClaimedExecution } from '#domain/claimed-execution.ts';
import { messageOf } from '#domain/errors.ts';
import { executionId } from '#domain/ids.ts';
import { isRecord, textsOf } from '#domain/record.ts';
import { readInlineOptions } from './inline-options.ts';
import { codeInEntryPoint, type JoinedColumns, readJoined, restoreParameters, runtimeNameOf } from './joined-row.ts';
import { ownedKeys, readKeys, readReadableKeys, type SelectedKey } from './key-values.ts';
import { decryptParameters, type EncryptedParameters, readReferenced, splitKeys } from './secret-parameters.ts';

/** A claimed execution with its action's columns, as both databases select it. */
export interface ClaimedRow {
  readonly id: string | number;
  readonly attempt: number;
  readonly action_ref: string;
  readonly config: unknown;
  readonly env_vars: unknown;
  readonly timeout_seconds: number | null;
  readonly retry_count: number;
  readonly max_retries: number | null;
  readonly pack_ref: string | null;
  readonly entrypoint: string | null;
  readonly inline_runtime: string | null;
  readonly inline_code: string | null;
  readonly inline_options: unknown;
  readonly runtime_config: unknown;
  readonly out_schema: unknown;
  readonly param_schema: unknown;
  readonly api_scopes: unknown;
  readonly pack_version: string | null;
  readonly pack_checksum: string | null;
  readonly keys: readonly SelectedKey[] | null;
  readonly runtime: string | null;
  readonly runtime_version_constraint: string | null;
  readonly parameter_delivery: ClaimedAction['parameterDelivery'];
  readonly parameter_format: ClaimedAction['parameterFormat'];
  readonly output_format: ClaimedAction['outputFormat'];
  readonly action_timeout_seconds: number | null;
  /** Absent in the database of Attune's Rust control plane. */
  readonly request_id?: string | null;
  readonly traceparent?: string | null;
  readonly queued_ms?: number | null;
  /** Absent unless the database is that of Attune's Rust control plane. */
  readonly joined?: JoinedColumns | null | undefined;
}

export function readClaimed(row: ClaimedRow, cipher: Cipher | undefined): ClaimedExecution {
  return {
    execution: executionId(row.id),
    attempt: row.attempt,
    actionRef: row.action_ref,
    ...(row.joined ? joinedValues(row, row.joined, cipher) : ownValues(row, cipher)),
    envVars: textsOf(row.env_vars),
    timeoutSeconds: row.timeout_seconds ?? undefined,
    retryCount: row.retry_count,
    maxRetries: row.max_retries ?? undefined,
    origin: {
      requestId: row.request_id ?? undefined,
      traceparent: row.traceparent ?? undefined,
      queuedMs: row.queued_ms ?? undefined,
    },
    action: actionOf(row),
  };
}

type Values = Pick<ClaimedExecution, 'parameters' | 'keys' | 'keysProblem' | 'joined'>;

function ownValues(row: ClaimedRow, cipher: Cipher | undefined): Values {
  const { config, inline_options } = row;
  const { owned, encrypted, referenced } = splitKeys(row.keys);
  const { keys, keysProblem } = readKeys(ownedKeys(owned, row), cipher);
  const options = readInlineOptions(inline_options);
  const problem = options.ok ? keysProblem : options.error;
  if (encrypted)
    return { ...readEncrypted(row, { encrypted, referenced }, cipher), keys, ...(problem && { keysProblem: problem }) };
  if (config !== null && !isRecord(config)) return { parameters: {}, keys, keysProblem: problem ?? NO_OBJECT };
  return { parameters: config ?? {}, keys, keysProblem: problem };
}

/** The parameters of an execution whose row has masks for the secret ones: as they were given, and values of keys. */
function readEncrypted(
  { id }: ClaimedRow,
  { encrypted, referenced }: SecretColumns,
  cipher: Cipher | undefined,
): Pick<Values, 'parameters' | 'keysProblem'> {
  try {
    const given = decryptParameters(executionId(id), encrypted, cipher);
    return { parameters: { ...given, ...readReferenced(referenced, cipher) }, keysProblem: undefined };
  } catch (error) {
    return { parameters: {}, keysProblem: messageOf(error) };
  }
}

interface SecretColumns {
  readonly encrypted: EncryptedParameters;
  readonly referenced: readonly SelectedKey[];
}

const NO_OBJECT = 'its parameters are not a JSON object';

function joinedValues(row: ClaimedRow, columns: JoinedColumns, cipher: Cipher | undefined): Values {
  const { keys, notes } = readReadableKeys(ownedKeys(row.keys, row), cipher);
  const given = { rows: columns.secrets ?? [], schema: row.param_schema };
  const { parameters, secrets, problem } = restoreParameters(row.config, given, cipher);
  return { parameters, keys, keysProblem: problem, joined: { ...readJoined(columns, secrets), notes } };
}

/** The action of an execution that brought its own code, with the defaults of an action. */
const inline: Omit<ClaimedAction, 'script' | 'runtime'> = {
  runtimeConfig: undefined,
  outputSchema: undefined,
  parameterSchema: undefined,
  hasApiToken: false,
  versionConstraint: undefined,
  parameterDelivery: 'stdin',
  parameterFormat: 'json',
  outputFormat: 'text',
  timeoutSeconds: undefined,
};

function actionOf(row: ClaimedRow): ClaimedAction | undefined {
  if (row.inline_code !== null)
    return {
      ...inline,
      ...optionsOf(row),
      script: { code: row.inline_code },
      runtime: row.inline_runtime ?? undefined,
    };
  if (row.pack_ref === null || row.entrypoint === null) return undefined;
  const runtime = runtimeNameOf(row);
  return {
    script: {
      packRef: row.pack_ref,
      entryPoint: row.entrypoint,
      orCode: codeInEntryPoint(row.entrypoint, row.joined, runtime),
      packVersion: row.pack_version ?? '',
      packChecksum: row.pack_checksum ?? undefined,
    },
    runtime,
    runtimeConfig: row.runtime_config ?? undefined,
    outputSchema: row.out_schema ?? undefined,
    parameterSchema: row.param_schema ?? undefined,
    hasApiToken: isGranted(row.api_scopes),
    versionConstraint: row.runtime_version_constraint ?? undefined,
    parameterDelivery: row.parameter_delivery,
    parameterFormat: row.parameter_format,
    outputFormat: row.output_format,
    timeoutSeconds: row.action_timeout_seconds ?? undefined,
  };
}

function isGranted(scopes: unknown): boolean {
  return Array.isArray(scopes) && scopes.length > 0;
}

function optionsOf(row: ClaimedRow): Partial<ClaimedAction> {
  const read = readInlineOptions(row.inline_options);
  if (!read.ok) return {}; /* the execution will not start: its claim has this problem */
  const options = read.value;
  return {
    versionConstraint: options.runtime_version,
    parameterDelivery: options.parameter_delivery ?? inline.parameterDelivery,
    parameterFormat: options.parameter_format ?? inline.parameterFormat,
    outputFormat: options.output_format ?? inline.outputFormat,
  };
}
