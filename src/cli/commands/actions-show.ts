import { ask, withApi } from '#cli/api-client/client.ts';
import { clientOptions, clientSettings } from '#cli/options.ts';
import { offering, required } from '#cli/parameter.ts';
import { table } from '#cli/table.ts';
import { write } from '#cli/terminal.ts';
import { defineVerb } from '#cli/verb.ts';
import { isRecord } from '#domain/record.ts';
import { success } from '#domain/result.ts';
import { type Action, action } from '#wire/packs.ts';

export const verb = defineVerb({
  arguments: { ref: offering('actions', required('action', 'PACK.ACTION')) },
  options: clientOptions(),
  settings: clientSettings,
  examples: [['attune-agent actions show sample.stats', 'Shows what the action does, and its parameters']],
  action: async ({ ref }, { format }, { sources }) =>
    await withApi(sources, async (api) => {
      const found = await ask(api.call('GET', `actions/${encodeURIComponent(ref)}`), action);
      if (!found.ok) return found;
      await write(
        process.stdout,
        format === 'json' ? `${JSON.stringify(found.value, null, 2)}\n` : describe(found.value),
      );
      return success(undefined);
    }),
});

function describe(shown: Action): string {
  const { ref, description, label, runtime, runtime_version: version } = shown;
  const rows = parametersOf(shown);
  return [
    `${ref}: ${description ?? label}`,
    `Runtime  ${[runtime ?? 'none', ...(version === null ? [] : [version])].join(' ')}`,
    '',
    ...(rows.length === 0 ? ['It takes no parameters.'] : table([HEADING, ...rows])),
    '',
  ].join('\n');
}

const HEADING = ['PARAMETER', 'TYPE', 'REQUIRED', 'DEFAULT', 'DESCRIPTION'];

function parametersOf({ param_schema: schema }: Action): readonly (readonly string[])[] {
  const properties = isRecord(schema?.['properties']) ? schema['properties'] : {};
  const required: readonly unknown[] = Array.isArray(schema?.['required']) ? schema['required'] : [];
  return Object.entries(properties).map(([name, one]) => {
    const { type, default: initial, description, secret } = isRecord(one) ? one : {};
    const kind = typeof type === 'string' ? type : 'any';
    return [
      ...[name, secret === true ? `${kind}, secret` : kind, required.includes(name) ? 'yes' : ''],
      ...[initial === undefined ? '' : JSON.stringify(initial), typeof description === 'string' ? description : ''],
    ];
  });
}
