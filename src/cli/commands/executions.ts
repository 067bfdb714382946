import { ask, queryOf, show, withApi } from '#cli/api-client/client.ts';
import { clientOptions, clientSettings } from '#cli/options.ts';
import { option, optional, optionWithDefault } from '#cli/parameter.ts';
import { showTime, write } from '#cli/terminal.ts';
import { defineVerb } from '#cli/verb.ts';
import { success } from '#domain/result.ts';
import { type Execution, type ExecutionQuery, execution, executionPage } from '#wire/executions.ts';

export const verb = defineVerb({
  arguments: { id: optional('id', 'Number of one execution, which is shown whole as JSON') },
  options: {
    status: option('--status <status>', 'Lists only executions in this status; several with commas'),
    action: option('--action <ref>', 'Lists only executions of this action'),
    worker: option('--worker <id>', 'Lists only executions of the worker with this id'),
    limit: optionWithDefault('--limit <count>', '20', 'Largest number of executions'),
    ...clientOptions(),
  },
  settings: clientSettings,
  examples: [
    ['attune-agent executions --status running,scheduled', 'Lists the executions that run or are about to'],
    ['attune-agent executions 1', 'Shows execution 1 with its result'],
  ],
  action: async ({ id }, { status, action, worker, limit, format }, { sources }) =>
    await withApi(sources, async (api) => {
      if (id !== undefined) {
        const one = await ask(api.call('GET', `executions/${encodeURIComponent(id)}`), execution);
        if (!one.ok) return one;
        await write(process.stdout, `${JSON.stringify(one.value, null, 2)}\n`);
        return success(undefined);
      }
      const query = queryOf<ExecutionQuery>({ status, action_ref: action, worker, limit });
      const found = await ask(api.call('GET', `executions?${query}`), executionPage);
      if (!found.ok) return found;
      await show({ format }, found.value, [HEADING, ...found.value.executions.map(rowOf)]);
      return success(undefined);
    }),
});

const HEADING = ['ID', 'ACTION', 'STATUS', 'ATTEMPT', 'WORKER', 'CREATED'];

function rowOf(one: Execution): readonly string[] {
  return [
    String(one.id),
    one.action_ref,
    one.status,
    String(one.attempt),
    String(one.worker ?? '-'),
    showTime(one.created),
  ];
}
