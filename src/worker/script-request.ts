import type { ActionVariables } from '#domain/action-variables.ts';
import type { ClaimedAction, ClaimedExecution } from '#domain/claimed-execution.ts';
import type { ScriptPlace } from '#execution/environments/plan.ts';
import type { ScriptRequest, ScriptSource } from '#execution/script/open-script.ts';
import type { RuntimeChoice } from './choose-runtime.ts';
import type { ExecutionSettings } from './execution-settings.ts';
import { joinedRequestOf } from './joined-request.ts';

interface ClaimChoices {
  readonly action: ClaimedAction;
  readonly script: ScriptSource;
  readonly runtime: RuntimeChoice;
}

/** The request to run the script of a claimed execution, before the environment of its pack is known. */
export function scriptRequestOf(
  claimed: ClaimedExecution,
  { action, script, runtime }: ClaimChoices,
  { limits, apiUrl, joined }: Pick<ExecutionSettings, 'limits' | 'apiUrl' | 'joined'>,
): ScriptRequest {
  const timeoutSeconds = claimed.timeoutSeconds ?? action.timeoutSeconds;
  const request = {
    program: runtime,
    script,
    parameters: {
      values: { ...claimed.keys, ...claimed.parameters },
      delivery: action.parameterDelivery,
      format: action.parameterFormat,
    },
    outputFormat: action.outputFormat,
    variables: variablesOf(claimed, 'packRef' in action.script ? action.script.packRef : '', apiUrl),
    artifactsDirectory: undefined,
    limits: timeoutSeconds === undefined ? limits : { ...limits, timeoutMs: timeoutSeconds * 1000 },
  };
  if (!claimed.joined) return request;
  return joinedRequestOf(request, { ...claimed, joined: claimed.joined }, { ...joined, config: runtime.config });
}

/**
 * The place of a script in its pack; undefined for an execution that brought its own code, which needs no environment
 * of a pack.
 */
export function scriptPlaceOf({ action, script, runtime }: ClaimChoices): ScriptPlace | undefined {
  if (!('packRef' in action.script && 'file' in script)) return undefined;
  const { packRef, packVersion } = action.script;
  return { ...runtime, pack: { ref: packRef, version: packVersion, directory: script.cwd }, file: script.file };
}

/** The variables of the action contract; they win over the execution's own ones, which may not pretend to be the agent's. */
function variablesOf(claimed: ClaimedExecution, packRef: string, apiUrl: string | undefined): Record<string, string> {
  const own: ActionVariables = {
    ATTUNE_EXEC_ID: claimed.execution,
    ATTUNE_ATTEMPT: String(claimed.attempt),
    ATTUNE_ACTION: claimed.actionRef,
    ATTUNE_PACK_REF: packRef,
    ...(apiUrl === undefined ? {} : { ATTUNE_API_URL: apiUrl }),
    ...(claimed.apiToken === undefined ? {} : { ATTUNE_API_TOKEN: claimed.apiToken }),
  };
  return { ...claimed.envVars, ...own };
}
