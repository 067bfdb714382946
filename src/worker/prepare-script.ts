import { failure, type Result, success } from '#domain/result.ts';
import type { BuildIo, NotPrepared } from '#execution/environments/ensure.ts';
import type { PackEnvironments } from '#execution/environments/environments.ts';
import type { ScriptPlace } from '#execution/environments/plan.ts';
import type { UnstartedOutcome } from '#execution/script/describe-result.ts';
import type { ScriptRequest } from '#execution/script/open-script.ts';

/** The outcome of an execution whose environment could not be had. */
export function unpreparedOutcome(error: NotPrepared): UnstartedOutcome {
  return error.kind === 'cancelled' ? { kind: 'cancelled' } : { kind: 'not-started', reason: error.message };
}

/** A request in the environment of its pack, which stays usable until this is disposed. */
interface PreparedScript extends Disposable {
  readonly request: ScriptRequest;
}

interface Preparing extends BuildIo {
  readonly environments: PackEnvironments;
  /** Tells in a sentence why the interpreter of a script cannot be what was chosen; undefined if it is. */
  flawOf(request: ScriptRequest): Promise<string | undefined>;
}

/**
 * Makes sure that a script has the environment that its pack asks for, which is built first where it is not there.
 * `place` is where the script lies in its pack; undefined if it belongs to none, and nothing is needed.
 */
export async function prepareScript(
  request: ScriptRequest,
  place: ScriptPlace | undefined,
  { environments, flawOf, sink, signals }: Preparing,
): Promise<Result<PreparedScript, NotPrepared>> {
  const flaw = await flawOf(request);
  if (flaw !== undefined) return failure({ kind: 'failed', message: flaw });
  if (!place) return success({ request, [Symbol.dispose]: () => {} });
  const prepared = await environments.prepare(place, { sink, signals });
  if (!prepared.ok) return prepared;
  const environment = prepared.value;
  const { program } = request;
  return success({
    request: {
      ...request,
      program: {
        family: program.family,
        interpreter: { ...program.interpreter, path: environment.interpreter },
        args: program.args,
        command: environment.command,
        variables: { ...environment.variables, ...program.variables },
        copied: environment.copied,
      },
    },
    [Symbol.dispose]: () => environment[Symbol.dispose](),
  });
}
