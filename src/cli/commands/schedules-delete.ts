import { withApi } from '#cli/api-client/client.ts';
import { clientOptions, clientSettings } from '#cli/options.ts';
import { offering, required, scheduleNumber } from '#cli/parameter.ts';
import { defineVerb } from '#cli/verb.ts';
import { writeAnswer } from '#cli/wiring/write-answer.ts';
import { success } from '#domain/result.ts';

export const verb = defineVerb({
  details: 'One of a pack goes with the file of its action, and can be paused. The token needs the scope admin.',
  arguments: { id: scheduleNumber(offering('schedules', required('id', 'Schedule, as schedules list shows it'))) },
  options: clientOptions(),
  settings: clientSettings,
  examples: [['attune-agent schedules delete 2', 'Deletes schedule 2']],
  action: async ({ id }, { format }, { sources }) =>
    await withApi(sources, async (api) => {
      const deleted = await api.call('DELETE', `schedules/${encodeURIComponent(id)}`);
      if (!deleted.ok) return deleted;
      await writeAnswer(format, { deleted: Number(id) }, `schedule ${id} is deleted`);
      return success(undefined);
    }),
});
