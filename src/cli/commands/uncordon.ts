import { changeCordon } from '#cli/api-client/workers.ts';
import { clientOptions, clientSettings } from '#cli/options.ts';
import { offering, required } from '#cli/parameter.ts';
import { defineVerb } from '#cli/verb.ts';

export const verb = defineVerb({
  arguments: { worker: offering('workers', required('worker', 'Name or id of the worker')) },
  options: clientOptions(),
  settings: clientSettings,
  examples: [['attune-agent uncordon gpu-1', 'Lets gpu-1 have new executions again']],
  action: async ({ worker: which }, { format }, { sources }) =>
    await changeCordon({ verb: 'uncordon', which, format }, sources),
});
