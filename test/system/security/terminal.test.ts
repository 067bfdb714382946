/** What actions, workers and packs call things, and what they print, does not steer the terminal of who looks at it. */
import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { agentFile } from '#test/support/agent.ts';
import { type Call, call } from '#test/support/call.ts';
import { standalone } from '#test/support/standalone.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';

const CLIPBOARD = '\u001b]52;c;aGFja2Vk\u0007';
const SHOWN = String.raw`\x1b]52;c;aGFja2Vk\x07`;
const inTerminal = 'import os, pty, sys\nsys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))';

/** Runs the agent with a terminal as stdin, stdout and stderr. */
function look(args: readonly string[], env: Readonly<Record<string, string>>): Call {
  return call(['python3', '-c', inTerminal, agentFile, ...args], {
    env: { PATH: '/usr/bin:/bin', TERM: 'xterm', ...env },
  });
}

test('logs, results, errors and names are shown as text on a terminal, and as they are with --raw and in a pipe', async () => {
  using directory = temporaryDirectory();
  const print = `printf '\\033]52;c;aGFja2Vk\\007\\033[31mred\\033[0m\\n'`;
  directory.file('packs/evil/pack.yaml', 'ref: evil\nversion: 1.0.0\n');
  directory.file('packs/evil/actions/go.yaml', 'entry_point: go.sh\noutput_format: text\n');
  directory.file(
    'packs/evil/actions/go.sh',
    `${print}; ${print} >&2; printf hi > "$ATTUNE_ARTIFACTS_DIR/a$(printf '\\033]0;x\\007')"; exit 3`,
  );
  const packs = join(directory.path, 'packs');
  await using whole = await standalone(join(directory.path, 'data'), {
    ATTUNE_PACKS_DIR: packs,
    ATTUNE__WORKER__NAME: `evil${CLIPBOARD}`,
  });
  const env = { ATTUNE_API_TOKEN: whole.token ?? '', ATTUNE_API_URL: whole.url, ATTUNE_PACKS_DIR: packs };
  for (const args of [
    ['submit', 'evil.go'],
    ['logs', '1'],
    ['logs', '1', '--follow'],
    ['run', 'evil.go'],
  ]) {
    const { stdout } = look(args, env);
    expect(stdout).toContain(SHOWN);
    expect(stdout).toContain('\u001b[31mred\u001b[0m');
    expect(stdout).not.toContain('\u001b]');
  }
  for (const args of [
    ['executions'],
    ['executions', '1'],
    ['artifacts'],
    ['workers'],
    ['audit'],
    ['cancel', `1${CLIPBOARD}`],
    ['logs', CLIPBOARD],
    ['run', `evil.${CLIPBOARD}`],
  ])
    expect(look(args, env).stdout).not.toContain('\u001b]');
  expect(look(['artifacts'], env).stdout).toContain(String.raw`a\x1b]0;x\x07`);
  for (const args of [
    ['logs', '1', '--raw'],
    ['run', 'evil.go', '--raw'],
  ])
    expect(look(args, env).stdout).toContain(CLIPBOARD);
  expect(call([agentFile, 'logs', '1'], { env: { PATH: '/usr/bin:/bin', ...env } }).stdout).toContain(CLIPBOARD);
});
