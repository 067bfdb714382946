import { ask } from '#cli/api-client/client.ts';
import { changeSchedule } from '#cli/api-client/schedules.ts';
import { clientOptions, clientSettings, executionParameters } from '#cli/options.ts';
import { checked, choice, flag, offering, option, required } from '#cli/parameter.ts';
import { defineVerb } from '#cli/verb.ts';
import { readParameters } from '#cli/wiring/read-parameters.ts';
import { MISSED_RULES } from '#domain/schedule.ts';
import { flawOfExpression, isTimeZone } from '#formats/cron.ts';
import { action } from '#wire/packs.ts';
import type { ScheduleRequest } from '#wire/schedules.ts';

export const verb = defineVerb({
  details: 'A schedule that the file of an action has comes with its pack. The token needs the scope admin.',
  arguments: {
    action: offering('actions', required('action', 'PACK.ACTION')),
    cron: checked(
      flawOfCron,
      required('cron', "Minute, hour, day, month and day of the week, such as '30 2 * * *'; or @daily"),
    ),
  },
  options: {
    ...executionParameters(),
    timeZone: checked(
      flawOfTimeZone,
      option('--time-zone <name>', 'Time zone of the hours, such as Europe/Berlin', { fallback: 'UTC' }),
    ),
    scheduleName: option('--schedule-name <name>', 'Tells the schedules of an action apart', { fallback: 'default' }),
    missed: choice('--missed <rule>', MISSED_RULES, 'One execution for all times at which no server ran, or none'),
    paused: flag('--paused', 'Requests nothing until it is resumed'),
    ...clientOptions(),
  },
  settings: clientSettings,
  examples: [
    [
      "attune-agent schedules create sample.stats '30 2 * * *' --time-zone Europe/Berlin --schedule-name nightly -p 'values=[1,2]'",
      'Requests the action each night at half past two in Berlin',
    ],
  ],
  action: async ({ action: ref, cron }, options, { sources }) =>
    await changeSchedule(sources, options.format, async (api) => {
      const target = await ask(api.call('GET', `actions/${encodeURIComponent(ref)}`), action);
      if (!target.ok) return target;
      const parameters = readParameters(options, target.value.param_schema ?? undefined);
      if (!parameters.ok) return parameters;
      const body: ScheduleRequest = {
        action_ref: ref,
        cron,
        name: options.scheduleName,
        time_zone: options.timeZone,
        parameters: parameters.value,
        missed: options.missed,
        paused: options.paused,
      };
      return await api.call('POST', 'schedules', { body });
    }),
});

function flawOfCron(cron: string): string | undefined {
  const flaw = flawOfExpression({ cron, timeZone: 'UTC' });
  return flaw === undefined ? undefined : `is refused: ${flaw}`;
}

function flawOfTimeZone(name: string): string | undefined {
  return isTimeZone(name) ? undefined : 'is no time zone (example: Europe/Berlin)';
}
