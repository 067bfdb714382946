import { readFileSync } from 'node:fs';
import type { Api } from '#cli/api-client/api-client.ts';
import { ask, withApi } from '#cli/api-client/client.ts';
import { lackOf } from '#cli/api-client/names-on.ts';
import { clientOptions, clientSettings } from '#cli/options.ts';
import { flag, offering, option, required } from '#cli/parameter.ts';
import { write } from '#cli/terminal.ts';
import { defineVerb } from '#cli/verb.ts';
import { writeAnswer } from '#cli/wiring/write-answer.ts';
import { fileErrorOf } from '#domain/errors.ts';
import { failure, type Result, success } from '#domain/result.ts';
import { parseJson } from '#formats/json.ts';
import { key } from '#wire/keys.ts';

export const verb = defineVerb({
  details:
    'The value is read from stdin or from a file, never from the command line, which other users of the machine can see. One newline at its end is left out. The server stores it encrypted and never shows it again. The token needs the scope admin.',
  arguments: { name: required('name', 'Name of the key, which is the name of the parameter that gets its value') },
  options: {
    action: offering('actions', option('--action <ref>', 'Gives the key to one action only', { conflicts: ['pack'] })),
    pack: offering(
      'packs',
      option('--pack <ref>', 'Gives the key to the actions of one pack only', {
        fallback: 'all actions that declare a secret parameter of this name',
      }),
    ),
    file: option('--file <path>', 'File with the value', { fallback: 'stdin' }),
    json: flag('--json', 'Takes the value as JSON instead of as text'),
    ...clientOptions(),
  },
  settings: clientSettings,
  examples: [
    [
      'attune-agent keys set smtp_password --pack mail < password.txt',
      'Stores what is in password.txt for the pack mail',
    ],
  ],
  action: async ({ name }, { action, pack, file, json: isJson, format }, { sources }) =>
    await withApi(sources, async (api) => {
      const owner = ownerOf(action, pack);
      const value = await readValue(file, isJson === true);
      if (!value.ok) return value;
      const body = { name, ...owner, value: value.value };
      const stored = await ask(api.call('POST', 'keys', { body }), key);
      if (!stored.ok) return stored;
      const lack = await lackOfOwner(api, owner);
      if (lack !== undefined) await write(process.stderr, `note: ${lack}\n`);
      await writeAnswer(format, stored.value, `key ${stored.value.ref} is stored`);
      return success(undefined);
    }),
});

interface Owner {
  readonly owner_type: 'system' | 'pack' | 'action';
  readonly owner?: string;
}

function ownerOf(action: string | undefined, pack: string | undefined): Owner {
  if (action !== undefined) return { owner_type: 'action', owner: action };
  return pack === undefined ? { owner_type: 'system' } : { owner_type: 'pack', owner: pack };
}

/** A key may be stored before what it is for; a note keeps a misspelt name from being taken for one. */
async function lackOfOwner(api: Api, { owner_type: kind, owner }: Owner): Promise<string | undefined> {
  return owner === undefined || kind === 'system' ? undefined : await lackOf(api, `${kind}s`, owner);
}

async function readValue(file: string | undefined, isJson: boolean): Promise<Result<unknown, string>> {
  try {
    if (file === undefined && process.stdin.isTTY) process.stderr.write('Value, ended by Ctrl-D: ');
    const text = file === undefined ? await Bun.stdin.text() : readFileSync(file, 'utf8');
    const value = text.replace(/\r?\n$/, '');
    if (value === '') return failure('the value is empty: nothing was stored');
    if (!isJson) return success(value);
    const parsed = parseJson(value);
    return parsed.ok ? parsed : failure(`${file ?? 'stdin'}: ${parsed.error}`);
  } catch (error) {
    return failure(`${file ?? 'stdin'} cannot be read: ${fileErrorOf(error)}`);
  }
}
