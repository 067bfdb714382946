/** Runs inside a static file; see spawn.ts. */

import { type Output, outputOf } from '#execution/process/output.ts';
import type { ProcessRequest } from '#execution/process/running-process.ts';
import { startProcess } from '#execution/process/start-process.ts';
import { race, report } from './measure.ts';
import { processorMs } from './processes.ts';

const TIMES = 64;
const ROUNDS = 9;
const input = Buffer.from('{"name":"Ada"}\n');
const request: ProcessRequest = { command: ['/bin/true'], env: {}, cwd: '/' };

async function readAll(output: Output): Promise<void> {
  while (await output.read());
}

async function kept(): Promise<void> {
  const started = startProcess(request);
  if (!started.ok) throw new Error(started.error.reason);
  await using running = started.value;
  void running.writeInput(input);
  await Promise.all([readAll(running.stdout), readAll(running.stderr), running.ended]);
}

async function bare(): Promise<void> {
  const child = Bun.spawn([...request.command], { env: {}, cwd: '/', stdio: [input, 'pipe', 'pipe'], detached: true });
  await Promise.all([readAll(outputOf(child.stdout)), readAll(outputOf(child.stderr)), child.exited]);
}

/** Processor time of this process and of its children, in milliseconds. */
function cpuMs(): { readonly own: number; readonly all: number } {
  const { user, system } = process.cpuUsage();
  return { own: (user + system) / 1000, all: processorMs(process.pid) };
}

async function cpuOf(work: () => Promise<void>): Promise<{ readonly own: number; readonly all: number }> {
  const before = cpuMs();
  for (let round = 0; round < ROUNDS; round++) for (let i = 0; i < TIMES; i++) await work();
  const after = cpuMs();
  return { own: (after.own - before.own) / TIMES / ROUNDS, all: (after.all - before.all) / TIMES / ROUNDS };
}

async function main(): Promise<void> {
  for (const atOnce of [1, 16]) {
    const repeat = (work: () => Promise<void>) => async (): Promise<void> => {
      let left = TIMES;
      const lane = async (): Promise<void> => {
        while (left-- > 0) await work();
      };
      await Promise.all(Array.from({ length: atOnce }, lane));
    };
    const [ours = 0, theirs = 0] = await race(ROUNDS, [repeat(kept), repeat(bare)]);
    report(`/bin/true, ${atOnce} at once / bare Bun.spawn, ms`, ours / TIMES, theirs / TIMES);
  }
  const [ours, theirs] = [await cpuOf(kept), await cpuOf(bare)];
  report('processor time of the agent / bare Bun.spawn, ms', ours.own, theirs.own);
  report('processor time with children / bare Bun.spawn, ms', ours.all, theirs.all);
}

/* The linker tries every file that it makes. */
if (!process.argv.includes('--version')) void main();
