import type { ClaimedExecution } from '#domain/claimed-execution.ts';
import type { StreamName } from '#domain/execution.ts';
import type { JoinedExecution } from '#domain/joined-execution.ts';
import type { ExecutionConfig } from '#domain/runtime.ts';
import type { ScriptRequest } from '#execution/script/open-script.ts';
import type { JoinedSettings } from './execution-settings.ts';
import { joinedVariables } from './joined-variables.ts';
import { withShellHelpers } from './shell-helpers.ts';

/** Bytes below the limit at which a log is cut, so that the limit holds for the log with the notice. */
const NOTICE_BYTES = 128;

/**
 * The request to run a script as Attune's Rust control plane has it run: keys win over parameters of the same name, the
 * variables say what has led to it, and artifacts go to the directory that is shared.
 */
export function joinedRequestOf(
  { script, parameters, ...request }: ScriptRequest,
  claimed: ClaimedExecution & { readonly joined: JoinedExecution },
  { apiUrl, volume, config }: JoinedSettings & { readonly config: ExecutionConfig | undefined },
): ScriptRequest {
  const values = { ...claimed.parameters, ...claimed.keys };
  const areInCode = 'code' in script && config?.inline_execution?.inject_shell_helpers === true;
  const { stdout, stderr } = request.limits.logLimitBytes;
  return {
    ...request,
    script: areInCode ? { code: withShellHelpers(script.code, values) } : script,
    parameters: { ...parameters, values, areInCode },
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
