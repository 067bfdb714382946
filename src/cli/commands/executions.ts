import { ask, type ClientOptions, show, withApi } from '#cli/api-client/client.ts';
import { exitCodeOf, summary } from '#cli/api-client/execution-answers.ts';
import { followExecution } from '#cli/api-client/follow-execution.ts';
import { complain } from '#cli/complain.ts';
import { EXIT } from '#cli/exit-codes.ts';
import { write } from '#cli/terminal.ts';
import { stopOnSignals } from '#cli/wiring/stop-on-signals.ts';
import { success } from '#domain/result.ts';
import type { ProcessEnv } from '#domain/runtime.ts';
import { type Execution, execution, executionPage } from '#wire/executions.ts';

export interface ExecutionsOptions extends ClientOptions {
  readonly status?: string;
  readonly action?: string;
  readonly worker?: string;
  readonly limit: string;
}

/** The newest executions, or one of them. */
export async function executions(id: string | undefined, options: ExecutionsOptions, env: ProcessEnv): Promise<number> {
  return await withApi(options, env, async (api) => {
    if (id !== undefined) {
      const one = await ask(api.call('GET', `executions/${encodeURIComponent(id)}`), execution);
      if (!one.ok) return one;
      await write(process.stdout, `${JSON.stringify(one.value, null, 2)}\n`);
      return success(undefined);
    }
    const filter = { status: options.status, action_ref: options.action, worker: options.worker, limit: options.limit };
    const given = Object.entries(filter).filter((pair): pair is [string, string] => pair[1] !== undefined);
    const found = await ask(api.call('GET', `executions?${new URLSearchParams(given)}`), executionPage);
    if (!found.ok) return found;
    await show(options, found.value, [HEADING, ...found.value.executions.map(rowOf)]);
    return success(undefined);
  });
}

const HEADING = ['ID', 'ACTION', 'STATUS', 'ATTEMPT', 'WORKER', 'CREATED'];

function rowOf(one: Execution): readonly string[] {
  const created = one.created.slice(0, 19).replace('T', ' ');
  return [String(one.id), one.action_ref, one.status, String(one.attempt), String(one.worker ?? '-'), created];
}

/** Asks for the end of an execution. */
export async function cancel(id: string, options: ClientOptions, env: ProcessEnv): Promise<number> {
  return await withApi(options, env, async (api) => {
    const one = await ask(api.call('POST', `executions/${encodeURIComponent(id)}/cancel`), execution);
    if (!one.ok) return one;
    const text =
      options.format === 'json' ? JSON.stringify(one.value, null, 2) : `execution ${id}: ${one.value.status}`;
    await write(process.stdout, `${text}\n`);
    return success(undefined);
  });
}

export interface LogsOptions extends ClientOptions {
  readonly follow?: true;
  readonly stream?: 'stdout' | 'stderr';
}

/** The log there is; with `follow` until the execution has ended, and then with its exit code. */
export async function logs(id: string, options: LogsOptions, env: ProcessEnv): Promise<number> {
  if (!/^\d+$/.test(id)) {
    await complain(`'${id}' is no execution: expected its number`);
    return EXIT.usage;
  }
  using stop = stopOnSignals();
  const { follow = false, stream: only } = options;
  const target = (name: 'stdout' | 'stderr'): NodeJS.WriteStream | undefined => {
    if (only === undefined) return name === 'stdout' ? process.stdout : process.stderr;
    return name === only ? process.stdout : undefined;
  };
  let ended: Execution | undefined;
  const code = await withApi(options, env, async (api) => {
    const shown = await followExecution(api, Number(id), { stop: stop.cancel, follow, target });
    if (shown.ok) ended = shown.value;
    return shown.ok || stop.cancel.aborted ? success(undefined) : shown;
  });
  if (!follow || !ended) return stop.exitCode() ?? code;
  await write(process.stderr, summary(ended));
  return exitCodeOf(ended, stop.exitCode());
}
