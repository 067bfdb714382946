import { expect, test } from 'bun:test';
import { sayLogs } from '#execution/environments/say.ts';

async function saidOf(printed: string, logs: readonly string[]): Promise<string> {
  let said = '';
  const capture = (text: string) => ({
    tail: Buffer.from(text),
    bytes: Buffer.from(text),
    totalBytes: text.length,
    loggedBytes: text.length,
  });
  await sayLogs(
    {
      write: (_, bytes) => {
        said += Buffer.from(bytes).toString();
      },
    },
    { stdout: capture(''), stderr: capture(printed) },
    logs,
  );
  return said;
}

test('what an installer refers to is in the log of the build: what its own log has and it has not printed', async () => {
  const log = [
    'Using pip 23',
    'Processing tiny',
    '  Running command cc',
    '  cc: https://u:p@h/x',
    ...['ERROR: [present-rich] cc exited with 1', 'Traceback'],
  ]
    .map((line) => `2026-11-27T04:53:05,123 ${line}\n`)
    .join('');
  const seen = 'Processing tiny\n  ╰─> See above for output.\n';
  expect(await saidOf(seen, [log])).toBe('[attune] the end of its log:\n  Running command cc\n  cc: https://***@h/x\n');
  expect(await saidOf('! Installing Tiny failed. See /e/tmp/build.log for details.\n', ['make: *** [all]\n'])).toBe(
    '[attune] the end of its log:\nmake: *** [all]\n',
  );
  expect(await saidOf('ERROR: No matching distribution found\n', [log])).toBe('');
  expect(await saidOf(seen, ['Processing tiny\n'])).toBe('');
});
