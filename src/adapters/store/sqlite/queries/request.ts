import { requestedHint } from '#adapters/store/hints.ts';
import { encryptParameters } from '#adapters/store/secret-parameters.ts';
import { enqueueMessage } from '#adapters/store/sqlite/enqueue-messages.ts';
import type { Caller } from '#adapters/store/sqlite/open.ts';
import type { ExecutionRequest } from '#domain/client-store.ts';
import { type ExecutionId, executionId } from '#domain/ids.ts';
import type { Messages, OutboxMessage } from '#domain/messages.ts';

export function request(
  sqlite: Caller,
  requests: readonly ExecutionRequest[],
): Messages & { readonly executions: readonly (ExecutionId | undefined)[] } {
  const made = requests.map((one) => requestOne(sqlite, one));
  const messages = made.flatMap((one) => one?.message ?? []);
  const ids = made.flatMap((one) => one?.execution ?? []);
  return {
    executions: made.map((one) => one?.execution),
    messages: messages.length > 0 ? messages : requestedHint(ids),
  };
}

function requestOne(
  sqlite: Caller,
  one: ExecutionRequest,
): { readonly execution: ExecutionId; readonly message: OutboxMessage | undefined } | undefined {
  const { database, now } = sqlite;
  const action = one.inline
    ? null
    : database
        .query<{ id: number; priority: number }, [string]>('SELECT id, priority FROM action WHERE ref = ?')
        .get(one.actionRef);
  if (!action && !one.inline) return undefined;
  const json = (value: unknown): string | null => (value === undefined ? null : JSON.stringify(value));
  const { lastInsertRowid: id } = database
    .query(`
      INSERT INTO execution (action, action_ref, config, env_vars, timeout_seconds, max_retries, worker_selector,
        inline_runtime, inline_code, inline_options, original_execution, schedule_after, created, updated, requested_by,
        priority, request_id, traceparent, callback_url)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?12, ?12, ?13, ?14, ?15, ?16, ?17)`)
    .run(
      ...[action?.id ?? null, one.actionRef, json(one.parameters), json(one.envVars), one.timeoutSeconds ?? null],
      ...[
        one.maxRetries ?? null,
        json(one.selector),
        one.inline?.runtime ?? null,
        one.inline?.code ?? null,
        json(one.inline?.options),
        one.original ?? null,
        now(),
        one.requestedBy ?? null,
        one.priority ?? action?.priority ?? 0,
        ...originOf(one),
      ],
    );
  const execution = executionId(id);
  keepSecrets(sqlite, one, execution);
  return { execution, message: announce(sqlite, one, { execution, action: action?.id ?? null }) };
}

function originOf({ origin, callbackUrl }: ExecutionRequest): readonly (string | null)[] {
  return [origin?.requestId ?? null, origin?.traceparent ?? null, callbackUrl ?? null];
}

function keepSecrets({ database, cipher }: Caller, one: ExecutionRequest, execution: ExecutionId): void {
  const encrypted = encryptParameters(one, execution, cipher);
  if (encrypted)
    database.query('UPDATE execution SET encrypted_config = ? WHERE id = ?').run(JSON.stringify(encrypted), execution);
}

function announce(
  sqlite: Caller,
  { actionRef, parameters }: ExecutionRequest,
  { execution, action }: { readonly execution: ExecutionId; readonly action: number | null },
): OutboxMessage | undefined {
  if (!sqlite.events.areWanted) return undefined;
  return enqueueMessage(sqlite, 'execution.requested', {
    messageType: 'ExecutionRequested',
    payload: {
      execution_id: Number(execution),
      action_id: action,
      action_ref: actionRef,
      parent_id: null,
      enforcement_id: null,
      config: parameters,
    },
  });
}
