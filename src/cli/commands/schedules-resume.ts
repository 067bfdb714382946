import { changeSchedule } from '#cli/api-client/schedules.ts';
import { clientOptions, clientSettings } from '#cli/options.ts';
import { offering, required, scheduleNumber } from '#cli/parameter.ts';
import { defineVerb } from '#cli/verb.ts';

export const verb = defineVerb({
  details: 'Times that have passed meanwhile do not come later. The token needs the scope admin.',
  arguments: { id: scheduleNumber(offering('schedules', required('id', 'Schedule, as schedules list shows it'))) },
  options: clientOptions(),
  settings: clientSettings,
  examples: [['attune-agent schedules resume 1', 'Goes on with schedule 1 at its next time']],
  action: async ({ id }, { format }, { sources }) =>
    await changeSchedule(sources, format, (api) => api.call('POST', `schedules/${encodeURIComponent(id)}/resume`)),
});
