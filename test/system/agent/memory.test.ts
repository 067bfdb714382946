import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { PF, readElf } from '#static-linker/elf.ts';
import { agentFile } from '#test/support/agent.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';

const PT_LOAD = 1;
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

test('nobody can write to the bundle in the file, so that its pages can be given back', () => {
  const bytes = readFileSync(agentFile);
  const end = bytes.lastIndexOf('---- Bun! ----'); /* Bun ends a bundle so */
  expect(end).toBeGreaterThan(0);
  const { segments } = readElf(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length), agentFile);
  const home = segments.find((s) => s.type === PT_LOAD && end >= s.offset && end < s.offset + s.fileBytes);
  expect(home?.flags).toBe(PF.R);
});
