import { complain } from '#cli/complain.ts';
import { showTime } from '#cli/terminal.ts';
import { findFamily } from '#domain/families.ts';
import { runtimeList } from '#wire/workers.ts';
import type { Api } from './api-client.ts';
import { ask } from './client.ts';

/**
 * Says at once that an execution waits for a worker, when none that lives offers its runtime, and when the server gives
 * up. What cannot be found out is not said: the execution itself shows it in time.
 */
export async function sayWhetherItWaits(api: Api, runtime: string | undefined): Promise<void> {
  if (runtime === undefined || runtime === 'native') return;
  const found = await ask(api.call('GET', 'runtimes'), runtimeList);
  if (!found.ok || found.value.is_complete === false) return;
  const { runtimes, schedule_timeout: seconds } = found.value;
  const wanted = findFamily(runtime)?.name ?? runtime;
  if (runtimes.some(({ name }) => name === wanted)) return;
  const there = runtimes.map(({ name }) => name).join(', ') || 'none';
  const end =
    seconds === undefined
      ? ''
      : `; the server gives up at ${showTime(new Date(Date.now() + seconds * 1000).toISOString())}`;
  await complain(`it waits: no living worker offers ${wanted} (there are: ${there})${end}`);
}
