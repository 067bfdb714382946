import { expect, test } from 'bun:test';
import { agentFile } from '#test/support/agent.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';

const MIB = 1024 * 1024;

/** Peak of the resident set of an agent that runs a script, in MiB. */
async function peakOf(script: string): Promise<number> {
  using directory = temporaryDirectory();
  const file = directory.file('action.sh', script);
  const child = Bun.spawn([agentFile, 'run', file], { stdin: 'ignore', stdout: 'ignore', stderr: 'ignore' });
  expect(await child.exited).toBe(0);
  return (child.resourceUsage()?.maxRSS ?? 0) / MIB;
}

test('a gibibyte without a newline takes no more memory than the log limit accounts for', async () => {
  const idle = await peakOf('true');
  const flooded = await peakOf('head -c 1073741824 /dev/zero');
  expect(idle).toBeGreaterThan(10);
  /* Kept: 10 MiB, and once more while it is put together. The rest is room for buffers and the collector. */
  expect(flooded - idle).toBeLessThan(250);
}, 120_000);
