import { ask, type ClientOptions, show, withApi } from '#cli/api-client/client.ts';
import { success } from '#domain/result.ts';
import type { ProcessEnv } from '#domain/runtime.ts';
import { environmentList } from '#wire/environments.ts';

/** How the environments of all workers fare, as the server knows. */
export async function environmentsStatus(options: ClientOptions, env: ProcessEnv): Promise<number> {
  return await withApi(options, env, async (api) => {
    const found = await ask(api.call('GET', 'environments'), environmentList);
    if (!found.ok) return found;
    const rows = found.value.environments.map((one) => [
      ...[one.pack_ref, one.key.slice(one.key.lastIndexOf('/') + 1), one.status, one.worker ?? ''],
      ...[one.updated, one.install_error ?? ''],
    ]);
    await show(options, found.value, [['PACK', 'ENVIRONMENT', 'STATUS', 'WORKER', 'UPDATED', 'ERROR'], ...rows]);
    return success(undefined);
  });
}
