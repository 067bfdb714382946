import { complain } from '#cli/complain.ts';
import { showTime } from '#cli/terminal.ts';
import { execution } from '#wire/executions.ts';
import { type Placement, placement } from '#wire/placement.ts';
import { runtimeList } from '#wire/workers.ts';
import type { Api } from './api-client.ts';
import { ask } from './client.ts';

/**
 * Says at once that an execution waits, why no worker takes it, and when the server gives up. What cannot be found out
 * is not said: the execution itself shows it in time.
 */
export async function sayWhetherItWaits(api: Api, id: number): Promise<void> {
  const reason = await reasonToWait(api, id);
  if (reason === undefined) return;
  const offered = await ask(api.call('GET', 'runtimes'), runtimeList);
  const seconds = offered.ok ? offered.value.schedule_timeout : undefined;
  const end =
    seconds === undefined
      ? ''
      : `; the server gives up at ${showTime(new Date(Date.now() + seconds * 1000).toISOString())}`;
  await complain(`it waits: ${reason}${end}`);
}

/** Why an execution is still with no worker; undefined: a worker has it, has room for it, or it cannot be found out. */
export async function reasonToWait(api: Api, id: number): Promise<string | undefined> {
  const found = await ask(api.call('GET', `executions/${id}/placement`), placement);
  const reason = found.ok ? reasonOf(found.value) : undefined;
  if (reason === undefined) return undefined;
  /* Asked last: a slot that it has itself is none that it waits for. */
  const now = await ask(api.call('GET', `executions/${id}`), execution);
  return now.ok && now.value.status === 'requested' ? reason : undefined;
}

/** The workers that are named with what they miss; the nearest come first. */
const MOST_NAMED = 3;

function reasonOf({ problem, able, free, workers, is_complete: isComplete }: Placement): string | undefined {
  if (problem !== null) return problem;
  if (free > 0 || !isComplete) return undefined;
  if (workers.length === 0) return 'there is no living worker';
  const told = workers.filter(({ misses }) => able === 0 || misses.length === 0).slice(0, MOST_NAMED);
  const each = told.map(({ name, misses, busy }) => `${name} ${able === 0 ? misses.join(', ') : (busy ?? '')}`);
  const who = able === 0 ? 'no living worker can run it' : 'each worker that can run it is busy';
  return `${who}: ${each.join('; ')}`;
}
