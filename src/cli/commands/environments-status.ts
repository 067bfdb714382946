import { ask, list } from '#cli/api-client/client.ts';
import { clientSettings, listOptions } from '#cli/options.ts';
import { showAge, showTime } from '#cli/terminal.ts';
import { defineVerb } from '#cli/verb.ts';
import { success } from '#domain/result.ts';
import { environmentList } from '#wire/environments.ts';

export const verb = defineVerb({
  details: 'WORKER is the worker that builds it now; - where none does.',
  arguments: {},
  options: listOptions(),
  settings: clientSettings,
  examples: [['attune-agent environments status', 'Lists what is being built, what is ready, and what failed and why']],
  action: async (_, { format, watch }, { sources }) =>
    await list(sources, { format, watch }, async (api) => {
      const found = await ask(api.call('GET', 'environments'), environmentList);
      if (!found.ok) return found;
      const rows = found.value.environments.map((one) => [
        ...[one.pack_ref, one.key.slice(one.key.lastIndexOf('/') + 1), one.status, one.worker ?? '-'],
        ...[format === 'wide' ? showTime(one.updated) : showAge(one.updated), one.install_error ?? ''],
      ]);
      const heading = ['PACK', 'ENVIRONMENT', 'STATUS', 'WORKER', format === 'wide' ? 'UPDATED' : 'AGE', 'ERROR'];
      return success({ answer: found.value, rows: [heading, ...rows], calledBy: 'ENVIRONMENT' });
    }),
});
