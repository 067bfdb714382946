import { changeSchedule } from '#cli/api-client/schedules.ts';
import { clientOptions, clientSettings } from '#cli/options.ts';
import { offering, required, scheduleNumber } from '#cli/parameter.ts';
import { defineVerb } from '#cli/verb.ts';

export const verb = defineVerb({
  details: 'Times that pass meanwhile do not come later. The token needs the scope admin.',
  arguments: { id: scheduleNumber(offering('schedules', required('id', 'Schedule, as schedules list shows it'))) },
  options: clientOptions(),
  settings: clientSettings,
  examples: [['attune-agent schedules pause 1', 'Requests nothing more by schedule 1 until it is resumed']],
  action: async ({ id }, { format }, { sources }) =>
    await changeSchedule(sources, format, (api) => api.call('POST', `schedules/${encodeURIComponent(id)}/pause`)),
});
