import { ask, type ClientOptions, show, withApi } from '#cli/api-client/client.ts';
import { success } from '#domain/result.ts';
import type { ProcessEnv } from '#domain/runtime.ts';
import { auditPage } from '#wire/audit.ts';

/** Who asked for which change, newest first. */
export async function audit(options: ClientOptions & { readonly limit: string }, env: ProcessEnv): Promise<number> {
  return await withApi(options, env, async (api) => {
    const path = `audit?limit=${encodeURIComponent(options.limit)}`;
    const found = await ask(api.call('GET', path), auditPage);
    if (!found.ok) return found;
    await show(options, found.value, [
      ['AT', 'WHO', 'FROM', 'WHAT', 'OF', 'STATUS'],
      ...found.value.entries.map((one) => [
        ...[one.at.slice(0, 19).replace('T', ' '), one.actor, one.address ?? '-'],
        ...[one.action, one.subject, String(one.status)],
      ]),
    ]);
    return success(undefined);
  });
}
