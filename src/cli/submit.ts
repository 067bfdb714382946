import { z } from 'zod';
import { messageOf } from '#domain/errors.ts';
import { isRecord } from '#domain/record.ts';
import { failure, type Result, success } from '#domain/result.ts';
import type { Environment } from '#domain/runtime.ts';
import { complain } from './complain.ts';
import { EXIT } from './exit-codes.ts';
import { readConfig } from './read-config.ts';
import { readParameters } from './read-parameters.ts';
import { stopOnSignals } from './stop-on-signals.ts';
import { paint, write } from './terminal.ts';

export interface SubmitOptions {
  readonly param: readonly string[];
  readonly params?: string;
  readonly apiUrl?: string;
  readonly config?: string;
  readonly detach?: true;
  readonly format: 'text' | 'json';
}

const execution = z.looseObject({ id: z.number(), action_ref: z.string(), status: z.string(), result: z.unknown() });
type Execution = z.infer<typeof execution>;
const line = z.union([z.object({ stream: z.enum(['stdout', 'stderr']), data: z.base64() }), z.object({ execution })]);

/** Requests an execution of the API, shows its log as it comes and its result. Ctrl-C cancels it. */
export async function submit(actionRef: string, options: SubmitOptions, env: Environment): Promise<number> {
  const config = await readConfig({ flags: { api_url: options.apiUrl }, env, file: options.config });
  if (!config) return EXIT.configuration;
  const api = openApi(config.api_url ?? `http://${config.server.host}:${config.server.port}`);
  using stop = stopOnSignals();
  const created = await request(api, actionRef, options);
  if (!created.ok) {
    await complain(created.error);
    return EXIT.usage;
  }
  const { id } = created.value;
  if (options.detach) {
    await write(process.stdout, options.format === 'json' ? `${JSON.stringify(created.value)}\n` : `${id}\n`);
    return EXIT.success;
  }
  await write(process.stderr, `${paint('dim', `execution ${id}`, process.stderr)}\n`);
  stop.cancel.addEventListener('abort', () => void api.call('POST', `executions/${id}/cancel`, {}));
  const ended = await follow(api, id, { hurry: stop.hurry, isJson: options.format === 'json' });
  if (!ended.ok) {
    await complain(ended.error);
    return stop.exitCode() ?? EXIT.failure;
  }
  if (options.format === 'json') await write(process.stdout, `${JSON.stringify(ended.value, null, 2)}\n`);
  else await write(process.stderr, summary(ended.value));
  return exitCodeOf(ended.value, stop.exitCode());
}

interface Api {
  readonly url: string;
  /** The error is a sentence: the API's own, or why it cannot be reached. */
  call(method: 'GET' | 'POST', path: string, body?: unknown): Promise<Result<unknown, string>>;
}

function openApi(base: string): Api {
  const url = `${base.replace(/\/+$/, '').replace(/\/api\/v1$/, '')}/api/v1`;
  return {
    url,
    call: async (method, path, body) => {
      try {
        const response = await fetch(`${url}/${path}`, {
          method,
          ...(body === undefined
            ? {}
            : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
        });
        const answer: unknown = await response.json();
        if (response.ok) return success(answer);
        return failure(
          isRecord(answer) && typeof answer['error'] === 'string' ? answer['error'] : `the API says ${response.status}`,
        );
      } catch (error) {
        return failure(
          `${url} does not answer (${messageOf(error)}): is attune-agent --standalone running there? Else set --api-url or ATTUNE_API_URL`,
        );
      }
    },
  };
}

async function request(api: Api, actionRef: string, options: SubmitOptions): Promise<Result<Execution, string>> {
  const action = await api.call('GET', `actions/${encodeURIComponent(actionRef)}`);
  if (!action.ok) return action;
  const schema =
    isRecord(action.value) && isRecord(action.value['param_schema']) ? action.value['param_schema'] : undefined;
  const parameters = readParameters(options, schema);
  if (!parameters.ok) return parameters;
  const created = await api.call('POST', 'executions', { action_ref: actionRef, parameters: parameters.value });
  if (!created.ok) return created;
  const parsed = execution.safeParse(created.value);
  return parsed.success ? success(parsed.data) : failure('the API answered something else than an execution');
}

/** Shows the log while it grows. The API says last how the execution ended. */
async function follow(
  api: Api,
  id: number,
  { hurry, isJson }: { readonly hurry: AbortSignal; readonly isJson: boolean },
): Promise<Result<Execution, string>> {
  try {
    const response = await fetch(`${api.url}/executions/${id}/logs?follow=true`, { signal: hurry });
    for await (const text of linesOf(response)) {
      const parsed = line.parse(JSON.parse(text));
      if ('execution' in parsed) return success(parsed.execution);
      const target = parsed.stream === 'stdout' && !isJson ? process.stdout : process.stderr;
      await write(target, Buffer.from(parsed.data, 'base64'));
    }
    return failure(`the log of execution ${id} ended early: is the server still there?`);
  } catch (error) {
    return failure(`execution ${id} was not followed to its end: ${messageOf(error)}`);
  }
}

async function* linesOf({ body }: Response): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const bytes of body ?? []) {
    const lines = `${rest}${decoder.decode(bytes, { stream: true })}`.split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}

function summary({ id, action_ref: actionRef, status, result }: Execution): string {
  const details = isRecord(result) ? result : {};
  if (status === 'completed') {
    const data = details['data'] === undefined ? [] : [`result: ${JSON.stringify(details['data'])}`];
    return [`${paint('green', '✔', process.stderr)} ${actionRef} completed (execution ${id})`, ...data, ''].join('\n');
  }
  return `${paint('red', '✘', process.stderr)} ${actionRef} ${status} (execution ${id}): ${details['error'] ?? ''}\n`;
}

function exitCodeOf({ status }: Execution, interrupted: number | undefined): number {
  if (interrupted !== undefined) return interrupted;
  if (status === 'completed') return EXIT.success;
  return status === 'timeout' ? EXIT.timedOut : EXIT.failure;
}
