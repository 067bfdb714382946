/** Data that are made to stop whoever reads them: the file reads them in processes of its own, within limits. */
import { afterAll, expect, test } from 'bun:test';
import { join } from 'node:path';
import { standalone } from '#test/support/standalone.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { until } from '#test/support/until.ts';

const deadlineMs = 300_000;
const directory = temporaryDirectory();
afterAll(() => directory[Symbol.dispose]());

/** Each prints its data with Python, in the format. */
const outputs: Readonly<Record<string, readonly [format: string, code: string]>> = {
  keys: ['yaml', "print('\\n'.join(f'k{i}: {i}' for i in range(19000)))"],
  flow: ['yaml', "print('[' + '[],' * 90000 + ']')"],
  bomb: [
    'yaml',
    "print('a0: &a0 [x]'); [print(f'a{i}: &a{i} [' + ','.join([f'*a{i-1}'] * 9) + ']') for i in range(1, 30)]",
  ],
  rows: ['json', "import json; print(json.dumps([{'id': i, 'name': f'n{i}', 'size': i / 7} for i in range(15000)]))"],
  many: ['json', "import json; print(json.dumps({f'k{i}': i for i in range(20100)}))"],
  crowd: ['yaml', "print('[' + '[],' * 100001 + ']')"],
  digits: ['json', "print('1' + '0' * 900000 + '1')"],
  long: ['yaml', "print('k: ' + 'x' * 900000)"],
  texts: ['json', "print('[' + ','.join(['\"x\"'] * 90000) + ']')"],
  lines: ['jsonl', "print('{}\\n' * 90000)"],
};

const refusals: Readonly<Record<string, string>> = {
  bomb: 'alias',
  many: 'it has more than 20000 different names and texts',
  crowd: 'it has more than 100000 values',
  digits: 'has more than 1000 characters',
};

for (const [name, [format, code]] of Object.entries(outputs)) {
  directory.file(
    `packs/hostile/actions/${name}.yaml`,
    `runner_type: python\nentry_point: ${name}.py\noutput_format: ${format}\n`,
  );
  directory.file(`packs/hostile/actions/${name}.py`, code);
}
directory.file('packs/hostile/pack.yaml', 'ref: hostile\nversion: 1.0.0\n');
directory.file(
  'packs/hostile/actions/pattern.yaml',
  "runner_type: shell\nentry_point: pattern.sh\nparameter_format: yaml\nparameters:\n  text: {type: string, pattern: '^(a+)+$'}\n  more: {type: array}\n  hidden: {type: array, secret: true}\n",
);
directory.file('packs/hostile/actions/pattern.sh', 'wc -c\n');

interface End {
  readonly status: string;
  readonly result: Readonly<Record<string, unknown>> | null;
}

function isFinal({ status }: End): boolean {
  return ['completed', 'failed', 'timeout', 'abandoned', 'cancelled'].includes(status);
}

test(
  'hostile data become results, or errors that name the limit, and nothing else is lost',
  async () => {
    await using all = await standalone(join(directory.path, 'data'), {
      ATTUNE_PACKS_DIR: join(directory.path, 'packs'),
    });
    const submit = async (ref: string, parameters: object = {}): Promise<Response> =>
      await all.api('executions', { method: 'POST', body: JSON.stringify({ action_ref: ref, parameters }) });
    const endOf = async (answer: Response): Promise<End> => {
      const { id } = (await answer.json()) as { id: string };
      const read = async (): Promise<End> => (await (await all.api(`executions/${id}`)).json()) as End;
      await until(`the end of ${id}`, async () => isFinal(await read()), deadlineMs);
      return await read();
    };
    const names = Object.keys(outputs);
    const answers = await Promise.all(names.map((name) => submit(`hostile.${name}`)));
    const ends = await Promise.all(answers.map(endOf));
    for (const [index, { status, result }] of ends.entries()) {
      const name = names[index] ?? '';
      expect({ name, status, error: result?.['output_error'] }).toEqual({
        name,
        status: 'completed',
        error: name in refusals ? expect.stringContaining(refusals[name] ?? '') : undefined,
      });
      expect(result?.['data'] === undefined).toBe(name in refusals);
    }
    const more = Array.from({ length: 19_000 }, (_, index) => `text ${index}`);
    const tooMany = Array.from({ length: 20_100 }, (_, index) => `text ${index}`);
    const crowded = await submit('hostile.pattern', { text: 'a', more: tooMany });
    expect(crowded.status).toBe(400);
    expect(await crowded.text()).toContain('it has more than 20000 different names and texts');
    const refused = await submit('hostile.pattern', { text: `${'a'.repeat(20_000)}!`, more });
    expect(refused.status).toBe(422);
    const secrets = Array.from({ length: 501 }, (_, index) => `secret number ${index}`);
    const hidden = await submit('hostile.pattern', { text: 'a', hidden: secrets });
    expect(await hidden.text()).toContain('501 secret texts: at most 500 can be masked');
    const key = await all.api('keys', { method: 'POST', body: JSON.stringify({ name: 'hidden', value: secrets }) });
    expect(await key.text()).toContain('501 secret texts: at most 500 can be masked');
    const { status } = await endOf(await submit('hostile.pattern', { text: 'a'.repeat(20_000), more }));
    expect(status).toBe('completed');
  },
  deadlineMs,
);
