import { ask, queryOf, show, withApi } from '#cli/api-client/client.ts';
import { clientSettings, listOptions } from '#cli/options.ts';
import { optionWithDefault } from '#cli/parameter.ts';
import { showTime } from '#cli/terminal.ts';
import { defineVerb } from '#cli/verb.ts';
import { success } from '#domain/result.ts';
import { type AuditQuery, auditPage } from '#wire/audit.ts';

export const verb = defineVerb({
  arguments: {},
  options: { limit: optionWithDefault('--limit <count>', '50', 'Largest number of entries'), ...listOptions() },
  settings: clientSettings,
  examples: [['attune-agent audit --limit 10', 'Lists the ten newest changes']],
  action: async (_, { limit, format }, { sources }) =>
    await withApi(sources, async (api) => {
      const found = await ask(api.call('GET', `audit?${queryOf<AuditQuery>({ limit })}`), auditPage);
      if (!found.ok) return found;
      await show({ format }, found.value, [
        ['AT', 'WHO', 'FROM', 'WHAT', 'OF', 'STATUS'],
        ...found.value.entries.map((one) => [
          ...[showTime(one.at), one.actor, one.address ?? '-'],
          ...[one.action, one.subject, String(one.status)],
        ]),
      ]);
      return success(undefined);
    }),
});
