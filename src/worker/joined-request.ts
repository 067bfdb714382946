import type { ClaimedExecution } from '#domain/claimed-execution.ts';
import type { StreamName } from '#domain/execution.ts';
import type { JoinedExecution } from '#domain/joined-execution.ts';
import type { ScriptRequest } from '#execution/script/open-script.ts';
import type { JoinedSettings } from './execution-settings.ts';
import { joinedVariables } from './joined-variables.ts';

/** Bytes below the limit at which a log is cut, so that the limit holds for the log with the notice. */
const NOTICE_BYTES = 128;

/**
 * The request to run a script as Attune's Rust control plane has it run: keys win over parameters of the same name, the
 * variables say what has led to it, and artifacts go to the directory that is shared.
 */
export function joinedRequestOf(
  request: ScriptRequest,
  claimed: ClaimedExecution & { readonly joined: JoinedExecution },
  { apiUrl, volume }: JoinedSettings,
): ScriptRequest {
  const values = { ...claimed.parameters, ...claimed.keys };
  const { stdout, stderr } = request.limits.logLimitBytes;
  return {
    ...request,
    parameters: { ...request.parameters, values },
    variables: { ...request.variables, ...joinedVariables(claimed.joined, values), ATTUNE_API_URL: apiUrl },
    artifactsDirectory: volume?.directory,
    limits: {
      ...request.limits,
      logLimitBytes: { stdout: belowLimit(stdout), stderr: belowLimit(stderr) },
      cutNotice,
    },
  };
}

function belowLimit(limitBytes: number): number {
  return Math.max(0, limitBytes - NOTICE_BYTES);
}

function cutNotice(stream: StreamName): string {
  return `\n\n[OUTPUT TRUNCATED: ${stream} exceeded size limit]\n`;
}
