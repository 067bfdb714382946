import { withApi } from '#cli/api-client/client.ts';
import { findWorker } from '#cli/api-client/workers.ts';
import { clientOptions, clientSettings } from '#cli/options.ts';
import { offering, required } from '#cli/parameter.ts';
import { defineVerb } from '#cli/verb.ts';
import { writeFacts } from '#cli/wiring/write-answer.ts';
import { success } from '#domain/result.ts';
import { leftOnWorker, stateOfWorker } from '#domain/worker.ts';
import type { Worker } from '#wire/workers.ts';

export const verb = defineVerb({
  arguments: { worker: offering('workers', required('worker', 'Name or id of the worker')) },
  options: clientOptions(),
  settings: clientSettings,
  examples: [['attune-agent workers show gpu-1', 'Shows the state, labels, taints and runtimes of gpu-1']],
  action: async ({ worker: which }, { format }, { sources }) =>
    await withApi(sources, async (api) => {
      const found = await findWorker(api, which);
      if (!found.ok) return found;
      await writeFacts(format, found.value, factsOf(found.value));
      return success(undefined);
    }),
});

function factsOf(one: Worker): readonly (readonly [string, unknown])[] {
  const runtimes = one.runtimes.map((name) => [name, ...(one.runtime_versions[name] ?? [])].join(' '));
  const labels = Object.entries(one.labels).map(([key, value]) => `${key}=${value}`);
  const taints = one.taints.map(({ key, value, effect }) => `${key}=${value}:${effect}`);
  const heard = one.silent_ms == null ? undefined : `${Math.round(one.silent_ms / 1000)} s ago`;
  return [
    ['Worker', one.name],
    ['Id', one.id],
    ['Host', one.host],
    ['State', stateOfWorker(one)],
    ['Left', leftOnWorker(one)],
    ['Reason', one.cordon_reason || one.paused || undefined],
    ['Heard of', heard],
    ['Slots', `${one.assigned} of ${one.max_concurrent_executions} in use`],
    ['Version', one.agent_version ?? undefined],
    ['Runtimes', runtimes.join(', ') || 'none'],
    ['Labels', labels.join(', ') || undefined],
    ['Taints', taints.join(', ') || undefined],
  ];
}
