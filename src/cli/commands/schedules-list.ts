import { askAll, list } from '#cli/api-client/client.ts';
import { whenNext } from '#cli/api-client/schedules.ts';
import { clientSettings, listOptions } from '#cli/options.ts';
import { showTime, showWait } from '#cli/terminal.ts';
import { defineVerb } from '#cli/verb.ts';
import { success } from '#domain/result.ts';
import { scheduleList } from '#wire/schedules.ts';

export const verb = defineVerb({
  details:
    'NEXT is how long it is until the next time, or with --format wide the time itself. PROBLEM says why the last time came to nothing.',
  arguments: {},
  options: listOptions(),
  settings: clientSettings,
  examples: [['attune-agent schedules list', 'Lists the schedules with their next times']],
  action: async (_, { format, watch }, { sources }) =>
    await list(sources, { format, watch }, async (api) => {
      const found = await askAll(api, 'schedules', { schema: scheduleList, members: 'schedules' });
      if (!found.ok) return found;
      const rows = found.value.schedules.map((one) => [
        ...[
          String(one.id),
          one.action_ref,
          one.name,
          one.cron,
          one.time_zone,
          whenNext(one, format === 'wide' ? showTime : showWait),
        ],
        ...[one.last_execution === null ? '' : String(one.last_execution), one.problem ?? ''],
      ]);
      const heading = ['ID', 'ACTION', 'NAME', 'CRON', 'TIME ZONE', 'NEXT', 'LAST EXECUTION', 'PROBLEM'];
      return success({ answer: found.value, rows: [heading, ...rows], calledBy: 'ID' });
    }),
});
