import type { AnswerFormat } from '#cli/options.ts';
import { writeAnswer } from '#cli/wiring/write-answer.ts';
import type { ConfigSources } from '#config/load-config.ts';
import { nearest } from '#domain/nearest.ts';
import { failure, type Result, success } from '#domain/result.ts';
import { stateOfWorker } from '#domain/worker.ts';
import { type Worker, type WorkerList, worker, workerList } from '#wire/workers.ts';
import type { Api } from './api-client.ts';
import { ask, askAll, withApi } from './client.ts';

/** Reads all workers that the server knows. */
export async function readWorkers(api: Api): Promise<Result<WorkerList, string>> {
  return await askAll(api, 'workers', { schema: workerList, members: 'workers' });
}

export interface CordonRequest {
  readonly verb: 'cordon' | 'uncordon';
  /** The worker, by name or id. */
  readonly which: string;
  readonly body?: unknown;
  readonly format: AnswerFormat;
}

/** Cordons a worker or lifts its cordon, and shows the worker's new state. Resolves with the exit code. */
export async function changeCordon(
  { verb, which, body, format }: CordonRequest,
  sources: ConfigSources,
): Promise<number> {
  return await withApi(sources, async (api) => {
    const one = await findWorker(api, which);
    if (!one.ok) return one;
    const done = await ask(api.call('POST', `workers/${one.value.id}/${verb}`, { body }), worker);
    if (!done.ok) return done;
    await writeAnswer(format, done.value, `${done.value.name}: ${stateOfWorker(done.value)}`);
    return success(undefined);
  });
}

/** Names of workers that an error lists. */
const NAMES_SHOWN = 10;

/** Finds a worker by its name, else by its id. */
export async function findWorker(api: Api, which: string): Promise<Result<Worker, string>> {
  const found = await readWorkers(api);
  if (!found.ok) return found;
  const { workers: all } = found.value;
  const one = all.find(({ name }) => name === which) ?? all.find(({ id }) => String(id) === which);
  if (one) return success(one);
  const names = all.map(({ name }) => name);
  const near = nearest(which, names);
  const shown = names.slice(0, NAMES_SHOWN).join(', ') || 'none';
  const hint =
    near === undefined
      ? ` (there are: ${shown}${names.length > NAMES_SHOWN ? ', …' : ''})`
      : `, did you mean '${near}'?`;
  return failure(`there is no worker '${which}'${hint}`);
}
