import type { ClaimedExecution } from '#domain/claimed-execution.ts';
import type { ExecutionResult, LogSink, SecretValue } from '#domain/execution.ts';
import { SECRET_MARKER } from '#domain/joined-execution.ts';
import { pointerOf } from '#domain/json-pointer.ts';
import { tooManySecrets } from '#domain/secret-bounds.ts';
import type { Masker } from '#execution/masking/masker.ts';
import { KEPT_BYTES } from '#execution/process/capture.ts';
import type { CommandLimits } from '#execution/process/run-command.ts';
import { hasSecrets, type SecretForm, takeSecrets } from '#packs/secret-output.ts';

/** A masker of all that the output and the result of an execution may not show. `own` knows the agent's secrets. */
export async function maskerFor(claimed: ClaimedExecution, own: Masker): Promise<Masker> {
  const masker = own.fork();
  const token = claimed.apiToken === undefined ? [] : [claimed.apiToken];
  await masker.learn([...givenSecrets(claimed), ...token]);
  return masker;
}

/** The secrets that an execution is given: keys and parameters. */
export function givenSecrets({ keys, parameters, action, joined }: ClaimedExecution): readonly unknown[] {
  const { secrets } = takeSecrets(parameters, action?.parameterSchema);
  return [...Object.values(keys), ...secrets.map(({ value }) => value), ...(joined?.secrets ?? [])];
}

/** The limits of a log of which stdout is held back until its end: it is no longer than a result may be. */
export function limitHeldBack(limits: CommandLimits['logLimitBytes'], schema: unknown): CommandLimits['logLimitBytes'] {
  return hasSecrets(schema) ? { ...limits, stdout: Math.min(limits.stdout, KEPT_BYTES) } : limits;
}

/** A sink for the output of a script, of which some may not be shown before its secret results are known. */
export interface ResultSink extends LogSink {
  /** Shows what was held back, now that the secret results are known. */
  show(secrets: readonly SecretValue[]): Promise<void>;
}

/**
 * Opens a sink that holds back what an action with secret results prints on stdout, until they are known: at its end.
 */
export function openResultSink(to: LogSink, masker: Masker, schema: unknown): ResultSink {
  if (!hasSecrets(schema)) return { write: (stream, bytes) => to.write(stream, bytes), show: async () => {} };
  const held: Uint8Array[] = [];
  return {
    write: (stream, bytes) => (stream === 'stdout' ? void held.push(new Uint8Array(bytes)) : to.write(stream, bytes)),
    show: async (secrets) => {
      const values = secrets.map(({ value }) => value);
      const tooMany = tooManySecrets(values);
      if (tooMany !== undefined) return await to.write('stdout', Buffer.from(`[attune: not shown: ${tooMany}]\n`));
      await masker.learn(values);
      for (const bytes of held) await to.write('stdout', bytes);
    },
  };
}

/** The form of secrets that Attune's Rust control plane reads: JSON Pointers into the whole result, and a marker. */
const joinedSecrets: SecretForm = { hidden: SECRET_MARKER, pathOf: (keys) => pointerOf(['data', ...keys]) };

/** Takes the secret results out of a result; then its text of stdout, which may show them, goes too. */
export function takeSecretResults(
  result: ExecutionResult,
  schema: unknown,
  isJoined: boolean,
): { readonly result: ExecutionResult; readonly secrets: readonly SecretValue[] } {
  const { data, secrets } = takeSecrets(result.data, schema, isJoined ? joinedSecrets : undefined);
  if (secrets.length === 0) return { result, secrets };
  const { stdout: _, stdout_truncated: __, ...rest } = result;
  return { result: { ...rest, data }, secrets };
}
