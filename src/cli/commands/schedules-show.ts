import { ask, withApi } from '#cli/api-client/client.ts';
import { whenNext } from '#cli/api-client/schedules.ts';
import { clientOptions, clientSettings } from '#cli/options.ts';
import { offering, required, scheduleNumber } from '#cli/parameter.ts';
import { showTime } from '#cli/terminal.ts';
import { defineVerb } from '#cli/verb.ts';
import { writeFacts } from '#cli/wiring/write-answer.ts';
import { success } from '#domain/result.ts';
import { schedule } from '#wire/schedules.ts';

export const verb = defineVerb({
  arguments: { id: scheduleNumber(offering('schedules', required('id', 'Schedule, as schedules list shows it'))) },
  options: clientOptions(),
  settings: clientSettings,
  examples: [['attune-agent schedules show 1', 'Shows schedule 1 with its parameters and its next time']],
  action: async ({ id }, { format }, { sources }) =>
    await withApi(sources, async (api) => {
      const found = await ask(api.call('GET', `schedules/${id}`), schedule);
      if (!found.ok) return found;
      const one = found.value;
      await writeFacts(format, one, [
        ['Schedule', one.id],
        ['Action', one.action_ref],
        ['Name', one.name],
        ['Pack', one.pack_ref ?? undefined],
        ['Cron', one.cron],
        ['Time zone', one.time_zone],
        ['Next', whenNext(one)],
        ['Missed', one.missed],
        ['Last time', one.last_time === null ? undefined : showTime(one.last_time)],
        ['Execution', one.last_execution ?? undefined],
        ['Problem', one.problem ?? undefined],
        ['Parameters', JSON.stringify(one.parameters)],
      ]);
      return success(undefined);
    }),
});
