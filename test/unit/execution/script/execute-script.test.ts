import { expect, test } from 'bun:test';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { executeShell, shell } from '#test/support/shell.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';

const byStdin = { delivery: 'stdin', format: 'json' } as const;
const secrets = {
  ATTUNE__DATABASE__URL: 'postgres://user:hunter2@db/attune',
  ATTUNE__MESSAGE_QUEUE__URL: 'amqp://user:hunter2@mq',
  ATTUNE_API_TOKEN: 'hunter2',
  AWS_SECRET_ACCESS_KEY: 'hunter2',
};

test('parameters come by stdin, as one line of json', async () => {
  using directory = temporaryDirectory();
  const file = directory.file('a.sh', 'read -r line; printf "%s\\n" "$line"; read -r more || echo end');
  const { result } = await executeShell(file, {
    parameters: { ...byStdin, values: { a: 'two\nlines', b: 1 } },
  });
  expect(result.stdout).toBe('{"a":"two\\nlines","b":1}\nend\n');
});

test('parameters come by a private file that is gone afterwards', async () => {
  using directory = temporaryDirectory();
  const file = directory.file(
    'a.sh',
    'stat -c "%a %U" "$ATTUNE_PARAMETER_FILE"; cat "$ATTUNE_PARAMETER_FILE"; echo "$ATTUNE_PARAMETER_FILE" >&2; wc -c; exit 1',
  );
  const { result } = await executeShell(file, {
    parameters: { values: { a: 1 }, delivery: 'file', format: 'dotenv' },
  });
  expect(result.stdout).toBe(`400 ${process.getuid?.() === 0 ? 'root' : (process.env['USER'] ?? '')}\na='1'\n0\n`);
  expect(await Bun.file(result.stderr?.trim() ?? '').exists()).toBe(false);
});

test('the child has the contract, the allowlist, and nothing of ours', async () => {
  using directory = temporaryDirectory();
  const file = directory.file('a.sh', 'tr "\\0" "\\n" < /proc/$$/environ | sort; tr "\\0" " " < /proc/$$/cmdline');
  const env = { ...secrets, PATH: '/usr/bin:/bin', HOME: '/root', LANG: 'C.UTF-8', TZ: 'UTC' };
  const { result } = await executeShell(
    file,
    {
      variables: { ATTUNE_EXEC_ID: '7', ATTUNE_ACTION: 'demo.a' },
      parameters: { ...byStdin, values: { p: 'hunter2' } },
    },
    env,
  );
  const names = (result.stdout ?? '')
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split('=')[0]);
  expect(names).toEqual([
    'ATTUNE_ACTION',
    'ATTUNE_ARTIFACTS_DIR',
    'ATTUNE_EXEC_ID',
    'ATTUNE_PARAMETER_DELIVERY',
    'ATTUNE_PARAMETER_FORMAT',
    'ATTUNE_RUNTIME_ENVS_DIR',
    'HOME',
    'LANG',
    'PATH',
    'TMPDIR',
    'TZ',
  ]);
  expect(result.stdout).not.toContain('hunter2');
  expect((result.stdout ?? '').split('\n').at(-1)).toBe(`/bin/sh ${file} `);
});

test('the work directory is private, and removed with all that the action left there', async () => {
  using directory = temporaryDirectory();
  const base = join(directory.path, 'work');
  directory.file('work/.keep', '');
  const file = directory.file(
    'a.sh',
    'stat -c %a "$(dirname "$TMPDIR")"; mkdir -p "$TMPDIR/deep/er"; echo x > "$TMPDIR/deep/er/file"; echo "$TMPDIR" >&2; exit 1',
  );
  const { result } = await executeShell(file, {}, { PATH: '/usr/bin:/bin', ATTUNE_WORK_DIR: base });
  expect(result.stdout).toBe('700\n');
  expect(result.stderr?.startsWith(base)).toBe(true);
  expect(readdirSync(join(base, `attune-cache-${process.getuid?.()}`, 'executions'))).toEqual([]);
});

test('a missing script, a directory and a missing interpreter are told before anything starts', async () => {
  using directory = temporaryDirectory();
  const error = async (file: string, interpreter = '/bin/sh'): Promise<string | undefined> =>
    (
      await executeShell(file, {
        program: { family: shell, interpreter: { path: interpreter, realPath: interpreter } },
      })
    ).result.error;
  expect(await error(`${directory.path}/none.sh`)).toBe(`not started: ${directory.path}/none.sh does not exist`);
  expect(await error(directory.path)).toBe(`not started: ${directory.path} is a directory, not a script`);
  const file = directory.file('a.sh', 'true');
  expect(await error(file, '/opt/gone/sh')).toBe('not started: /opt/gone/sh does not exist');
});
