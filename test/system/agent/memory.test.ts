import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { agentFile } from '#test/support/agent.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';

/** Peak of the resident set of a process, in MiB. */
function peakMiB(pid: number): number {
  const line = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(line?.[1] ?? 0) / 1024;
}

async function peakOf(script: string): Promise<number> {
  using directory = temporaryDirectory();
  const file = directory.file('action.sh', `${script}\nsleep 1\n`);
  const child = Bun.spawn([agentFile, 'run', file], { stdin: 'ignore', stdout: 'ignore', stderr: 'ignore' });
  let peak = 0;
  const timer = setInterval(() => {
    if (child.exitCode === null) peak = Math.max(peak, peakMiB(child.pid));
  }, 50);
  expect(await child.exited).toBe(0);
  clearInterval(timer);
  return peak;
}

test('a gibibyte without a newline takes no more memory than the log limit accounts for', async () => {
  const idle = await peakOf('true');
  const flooded = await peakOf('head -c 1073741824 /dev/zero');
  expect(idle).toBeGreaterThan(10);
  /* Kept: 10 MiB, and once more while it is put together. The rest is room for buffers and the collector. */
  expect(flooded - idle).toBeLessThan(150);
}, 120_000);
