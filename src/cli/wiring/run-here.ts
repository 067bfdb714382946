import { EXIT } from '#cli/exit-codes.ts';
import type { Config } from '#config/schema.ts';
import { secretValues } from '#config/secret-values.ts';
import type { ExecutionResult, LogSink, Outcome } from '#domain/execution.ts';
import { failure, type Result, success } from '#domain/result.ts';
import type { ProcessEnv } from '#domain/runtime.ts';
import { createMasker } from '#execution/masking/masker.ts';
import { runMasked } from '#execution/masking/run-masked.ts';
import { unstarted } from '#execution/script/describe-result.ts';
import { executeScript } from '#execution/script/execute-script.ts';
import type { ScriptRequest } from '#execution/script/open-script.ts';
import { findWorkPlace } from '#execution/script/work-place.ts';
import { createWrapperCheck } from '#worker/check-wrapper.ts';
import { prepareScript, unpreparedOutcome } from '#worker/prepare-script.ts';
import { environmentsOf } from './open-environments.ts';
import { sandboxOf } from './open-sandbox.ts';
import type { PreparedRun } from './prepare-run.ts';
import type { Stop } from './stop-on-signals.ts';

/** Runs prepared scripts in this process, without a worker. */
export interface Runner {
  run(prepared: PreparedRun, sink: LogSink, signals: Stop): Promise<RunEnd>;
}

interface RunEnd {
  readonly outcome: Outcome;
  readonly result: ExecutionResult;
}

/** Why nothing can run here, as a sentence, and the exit code that says so. */
interface NoRunner {
  readonly message: string;
  readonly exitCode: number;
}

/** Opens the runner of this machine. */
export function openRunner(config: Config, env: ProcessEnv): Result<Runner, NoRunner> {
  const workPlace = findWorkPlace(env, config);
  if (!workPlace.ok) return failure({ message: workPlace.error, exitCode: EXIT.failure });
  const sandbox = sandboxOf(config, workPlace.value);
  if (!sandbox.ok) return failure({ message: sandbox.error, exitCode: EXIT.configuration });
  const host = { env, workPlace: workPlace.value, sandbox: sandbox.value };
  const environments = environmentsOf(config, { root: workPlace.value.environments, env, sandbox: sandbox.value });
  const checkWrapper = createWrapperCheck();
  return success({
    run: async ({ request, place, secrets }, shown, signals) => {
      const masker = createMasker();
      await masker.learn([...secrets, ...secretValues(config)]);
      return await runMasked(masker, shown, async (sink) => {
        const flawOf = (one: ScriptRequest) => checkWrapper(one, host, signals.cancel);
        const prepared = await prepareScript(request, place, { environments, flawOf, sink, signals });
        if (!prepared.ok) return unstarted(unpreparedOutcome(prepared.error));
        using ready = prepared.value;
        return await executeScript(ready.request, { ...host, sink, signals });
      });
    },
  });
}
