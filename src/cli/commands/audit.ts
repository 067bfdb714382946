import { ask, list, queryOf } from '#cli/api-client/client.ts';
import { clientSettings, listOptions } from '#cli/options.ts';
import { optionWithDefault, wholeNumber } from '#cli/parameter.ts';
import { showAge, showTime } from '#cli/terminal.ts';
import { defineVerb } from '#cli/verb.ts';
import { success } from '#domain/result.ts';
import { type AuditQuery, auditPage } from '#wire/audit.ts';

export const verb = defineVerb({
  arguments: {},
  options: {
    limit: wholeNumber(optionWithDefault('--limit <count>', '50', 'Largest number of entries'), 1, 1000),
    ...listOptions(),
  },
  settings: clientSettings,
  examples: [['attune-agent audit --limit 10', 'Lists the ten newest changes']],
  action: async (_, { limit, format, watch }, { sources }) =>
    await list(sources, { format, watch }, async (api) => {
      const found = await ask(api.call('GET', `audit?${queryOf<AuditQuery>({ limit })}`), auditPage);
      if (!found.ok) return found;
      const isNarrow = format === 'text';
      const rows = [
        [isNarrow ? 'AGE' : 'AT', 'WHO', ...(isNarrow ? [] : ['FROM']), 'WHAT', 'OF', 'STATUS'],
        ...found.value.entries.map((one) => [
          ...(isNarrow ? [showAge(one.at), one.actor] : [showTime(one.at), one.actor, one.address ?? '-']),
          ...[one.action, one.subject || '-', String(one.status)],
        ]),
      ];
      return success({ answer: found.value, rows, calledBy: 'OF' });
    }),
});
