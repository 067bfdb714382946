import { basename } from 'node:path';
import { show } from '#cli/api-client/client.ts';
import { EXIT } from '#cli/exit-codes.ts';
import { environmentOptions, listFormatOption, localEnvironmentSettings } from '#cli/options.ts';
import { showAge, showTime } from '#cli/terminal.ts';
import { defineVerb } from '#cli/verb.ts';
import { openLocalEnvironments } from '#cli/wiring/local-environments.ts';
import { listReady } from '#execution/environments/layout.ts';

export const verb = defineVerb({
  arguments: {},
  options: { ...environmentOptions(), format: listFormatOption() },
  settings: localEnvironmentSettings,
  examples: [['attune-agent environments list', 'Lists the environments of this machine, last used first']],
  action: async (_, { format }, { sources }) => {
    const opened = await openLocalEnvironments(sources);
    if (typeof opened === 'number') return opened;
    const kept = listReady(opened.root).toSorted((a, b) => b.lastUsed - a.lastUsed);
    const rows = kept.map(({ pack, packVersion, recipe, place, bytes, lastUsed }) => [
      ...[`${pack} ${packVersion}`, recipe, basename(place), `${(bytes / 1e6).toFixed(1)} MB`],
      (format === 'text' ? showAge : showTime)(new Date(lastUsed).toISOString()),
    ]);
    const answer = kept.map((one) => ({ ...one, lastUsed: new Date(one.lastUsed).toISOString() }));
    await show({ format }, { directory: opened.root, environments: answer }, [
      ['PACK', 'BY', 'NAME', 'SIZE', 'LAST USED'],
      ...rows,
    ]);
    return EXIT.success;
  },
});
