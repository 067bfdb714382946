import { withApi } from '#cli/api-client/client.ts';
import { findWorker } from '#cli/api-client/workers.ts';
import { clientOptions, clientSettings } from '#cli/options.ts';
import { flag, offering, required } from '#cli/parameter.ts';
import { defineVerb } from '#cli/verb.ts';
import { writeAnswer } from '#cli/wiring/write-answer.ts';
import { success } from '#domain/result.ts';

export const verb = defineVerb({
  details:
    'A worker that is alive is refused; one that holds executions, and that of --standalone itself, always are. What it ran stays. Its name is free again: whoever registers under it next owns it. The token needs the scope admin.',
  arguments: { worker: offering('workers', required('worker', 'Name or id of the worker')) },
  options: {
    force: flag('--force', 'Removes a worker that is alive too; its process ends, and its next one registers anew'),
    ...clientOptions(),
  },
  settings: clientSettings,
  examples: [['attune-agent workers remove gpu-1', 'Removes a worker that is gone for good from the list']],
  action: async ({ worker: which }, { force, format }, { sources }) =>
    await withApi(sources, async (api) => {
      const one = await findWorker(api, which);
      if (!one.ok) return one;
      const { id, name } = one.value;
      const removed = await api.call('DELETE', `workers/${id}${force ? '?force=true' : ''}`);
      if (!removed.ok) return removed;
      await writeAnswer(format, { removed: name, id }, `removed worker ${name}`);
      return success(undefined);
    }),
});
