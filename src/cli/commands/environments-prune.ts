import { show } from '#cli/api-client/client.ts';
import { complain } from '#cli/complain.ts';
import { EXIT } from '#cli/exit-codes.ts';
import { environmentOptions, listFormatOption, localEnvironmentSettings } from '#cli/options.ts';
import { flag, option } from '#cli/parameter.ts';
import { defineVerb } from '#cli/verb.ts';
import { openLocalEnvironments } from '#cli/wiring/local-environments.ts';
import { DAY_MS } from '#domain/durations.ts';

export const verb = defineVerb({
  details: 'An environment that an execution uses now is never removed.',
  arguments: {},
  options: {
    days: option('--days <days>', 'Removes environments that have not been used for so many days', {
      fallback: 'environments.max_age_days, which is 30',
    }),
    all: flag('--all', 'Removes every environment that is not in use', { conflicts: ['days'] }),
    ...environmentOptions(),
    format: listFormatOption(),
  },
  settings: ['environments.max_age_days', 'environments.max_bytes', ...localEnvironmentSettings],
  examples: [['attune-agent environments prune --days 7', 'Removes what has not been used for a week']],
  action: async (_, { days: given, all, format }, { sources }) => {
    const opened = await openLocalEnvironments(sources);
    if (typeof opened === 'number') return opened;
    const { max_age_days: usual, max_bytes: most } = opened.config.environments;
    const days = all ? 0 : Number(given ?? usual);
    if (!(days >= 0)) {
      await complain(`--days ${given}: expected a number of days, 0 or more`);
      return EXIT.usage;
    }
    const removed = await opened.environments.prune({ ageMs: days * DAY_MS, bytes: most });
    await show({ format }, { removed }, [['REMOVED'], ...removed.map((place) => [place])]);
    return EXIT.success;
  },
});
