import type { Cipher } from '#domain/cipher.ts';
import type { ExecutionRequest, InlineOptions } from '#domain/client-store.ts';
import { executionId } from '#domain/ids.ts';
import { isRecord, textsOf } from '#domain/record.ts';
import { readInlineOptions } from './inline-options.ts';
import { decryptParameters, type EncryptedParameters } from './secret-parameters.ts';

/** A row of the columns of an execution that keep what was asked for. */
export interface RequestRow {
  readonly id: string | number;
  readonly action_ref: string;
  readonly config: unknown;
  readonly encrypted_config: EncryptedParameters | null;
  readonly env_vars: unknown;
  readonly timeout_seconds: number | null;
  readonly max_retries: number | null;
  readonly priority: number;
  readonly worker_selector: unknown;
  readonly inline_runtime: string | null;
  readonly inline_code: string | null;
  readonly inline_options: unknown;
}

/** Reads the columns of an execution as a request that repeats it. */
export function readRequestRow(row: RequestRow, cipher: Cipher | undefined): ExecutionRequest {
  const { encrypted_config: encrypted } = row;
  const id = executionId(row.id);
  return {
    actionRef: row.action_ref,
    inline:
      row.inline_runtime === null || row.inline_code === null
        ? undefined
        : { runtime: row.inline_runtime, code: row.inline_code, options: optionsOf(row) },
    parameters: isRecord(row.config) ? row.config : {},
    ...(encrypted && { unmasked: decryptParameters(id, encrypted, cipher), parameterKeys: encrypted.keys }),
    envVars: isRecord(row.env_vars) ? textsOf(row.env_vars) : undefined,
    timeoutSeconds: row.timeout_seconds ?? undefined,
    maxRetries: row.max_retries ?? undefined,
    priority: row.priority,
    selector: isRecord(row.worker_selector) ? textsOf(row.worker_selector) : undefined,
    original: id,
  };
}

function optionsOf({ inline_options: column }: Pick<RequestRow, 'inline_options'>): InlineOptions {
  const options = readInlineOptions(column);
  if (!options.ok) throw new Error(options.error);
  return options.value;
}
