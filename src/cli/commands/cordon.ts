import { changeCordon } from '#cli/api-client/workers.ts';
import { clientOptions, clientSettings } from '#cli/options.ts';
import { offering, option, required } from '#cli/parameter.ts';
import { defineVerb } from '#cli/verb.ts';

export const verb = defineVerb({
  arguments: { worker: offering('workers', required('worker', 'Name or id of the worker')) },
  options: { reason: option('--reason <text>', 'Reason that others see'), ...clientOptions() },
  settings: clientSettings,
  examples: [
    ["attune-agent cordon gpu-1 --reason 'new disk'", 'Lets gpu-1 finish what it runs, and gives it nothing new'],
  ],
  action: async ({ worker: which }, { reason = '', format }, { sources }) =>
    await changeCordon({ verb: 'cordon', which, body: { reason }, format }, sources),
});
