import type { Api } from '#cli/api-client/api-client.ts';
import { ask, type ClientOptions, show, withApi } from '#cli/api-client/client.ts';
import { write } from '#cli/terminal.ts';
import { failure, type Result, success } from '#domain/result.ts';
import type { ProcessEnv } from '#domain/runtime.ts';
import { runtimeList, type Worker, worker, workerList } from '#wire/workers.ts';

const readWorkers = (api: Api) => ask(api.call('GET', 'workers'), workerList);

/** All workers with what they offer. */
export async function workers(options: ClientOptions, env: ProcessEnv): Promise<number> {
  return await withApi(options, env, async (api) => {
    const found = await readWorkers(api);
    if (!found.ok) return found;
    await show(options, found.value, [
      ['ID', 'NAME', 'HOST', 'STATE', 'SLOTS', 'RUNTIMES'],
      ...found.value.workers.map((one) => [
        ...[String(one.id), one.name, one.host, stateOf(one)],
        ...[`${one.assigned}/${one.max_concurrent_executions}`, runtimesOf(one)],
      ]),
    ]);
    return success(undefined);
  });
}

function stateOf({ alive, cordoned }: Worker): string {
  if (!alive) return 'gone';
  return cordoned ? 'cordoned' : 'alive';
}

function runtimesOf({ runtimes, runtime_versions: versions }: Worker): string {
  return runtimes.map((name) => [name, ...(versions[name] ?? []).slice(0, 1)].join(' ')).join(', ');
}

async function findWorker(api: Api, which: string): Promise<Result<Worker, string>> {
  const found = await readWorkers(api);
  if (!found.ok) return found;
  const { workers: all } = found.value;
  const one = all.find(({ name, id }) => name === which || String(id) === which);
  const names = all.map(({ name }) => name).join(', ') || 'none';
  return one ? success(one) : failure(`there is no worker '${which}' (there are: ${names})`);
}

/** By name or id; takes the cordon away when it is not to be on. */
export async function cordon(
  which: string,
  options: ClientOptions & { readonly reason?: string },
  { env, isOn }: { readonly env: ProcessEnv; readonly isOn: boolean },
): Promise<number> {
  return await withApi(options, env, async (api) => {
    const one = await findWorker(api, which);
    if (!one.ok) return one;
    const verb = isOn ? 'cordon' : 'uncordon';
    const request = isOn ? { body: { reason: options.reason ?? '' } } : {};
    const done = await ask(api.call('POST', `workers/${one.value.id}/${verb}`, request), worker);
    if (!done.ok) return done;
    const text =
      options.format === 'json' ? JSON.stringify(done.value, null, 2) : `${done.value.name}: ${stateOf(done.value)}`;
    await write(process.stdout, `${text}\n`);
    return success(undefined);
  });
}

/** What the living workers can run. */
export async function runtimes(options: ClientOptions, env: ProcessEnv): Promise<number> {
  return await withApi(options, env, async (api) => {
    const found = await ask(api.call('GET', 'runtimes'), runtimeList);
    if (!found.ok) return found;
    await show(options, found.value, [
      ['RUNTIME', 'VERSIONS', 'WORKERS'],
      ...found.value.runtimes.map((one) => [
        one.name,
        one.versions.map(({ version }) => version).join(', ') || '-',
        one.workers.join(', '),
      ]),
    ]);
    return success(undefined);
  });
}
