import { list } from '#cli/api-client/client.ts';
import { readWorkers } from '#cli/api-client/workers.ts';
import { clientSettings, listOptions } from '#cli/options.ts';
import { defineVerb } from '#cli/verb.ts';
import { success } from '#domain/result.ts';
import { stateOfWorker } from '#domain/worker.ts';
import type { Worker } from '#wire/workers.ts';

export const verb = defineVerb({
  arguments: {},
  options: listOptions(),
  settings: clientSettings,
  examples: [['attune-agent workers', 'Lists the workers with their states, free slots and runtimes']],
  action: async (_, options, { sources }) =>
    await list(sources, options, async (api) => {
      const found = await readWorkers(api);
      if (!found.ok) return found;
      const rows = found.value.workers.map((one) => [
        ...[String(one.id), one.name, one.host, stateOfWorker(one)],
        ...[`${one.assigned}/${one.max_concurrent_executions}`, runtimesOf(one)],
      ]);
      return success({ answer: found.value, rows: [HEADING, ...rows] });
    }),
});

const HEADING = ['ID', 'NAME', 'HOST', 'STATE', 'SLOTS', 'RUNTIMES'];

function runtimesOf({ runtimes, runtime_versions: versions }: Worker): string {
  return runtimes.map((name) => [name, ...(versions[name] ?? []).slice(0, 1)].join(' ')).join(', ');
}
