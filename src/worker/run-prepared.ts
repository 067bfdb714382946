import type { ExecutionResult, Outcome } from '#domain/execution.ts';
import type { PackEnvironments } from '#execution/environments/environments.ts';
import type { ScriptPlace } from '#execution/environments/plan.ts';
import { executeScript, type ScriptContext, type ScriptRequest } from '#execution/script/execute-script.ts';

export interface Ended {
  readonly outcome: Outcome;
  readonly result: ExecutionResult;
}

/** Runs a script in the environment that its pack asks for, which is made first where it is not there. */
export async function runPrepared(
  request: ScriptRequest,
  place: ScriptPlace | undefined,
  { environments, ...context }: ScriptContext & { readonly environments: PackEnvironments },
): Promise<Ended> {
  if (!place) return await executeScript(request, context);
  const prepared = await environments.prepare(place, context);
  if (!prepared.ok) return prepared.error.kind === 'cancelled' ? cancelled : notStarted(prepared.error.message);
  using environment = prepared.value;
  return await executeScript(
    {
      ...request,
      interpreter: { ...request.interpreter, path: environment.interpreter },
      command: environment.command,
      runtimeVariables: environment.variables,
    },
    context,
  );
}

/** It never began. */
export function notStarted(reason: string): Ended {
  return {
    outcome: { kind: 'not-started', reason },
    result: { succeeded: false, error: `not started: ${reason}`, duration_ms: 0 },
  };
}

const cancelled: Ended = {
  outcome: { kind: 'cancelled' },
  result: { succeeded: false, cancelled: true, error: 'cancelled', duration_ms: 0 },
};
