import { readdirSync, readFileSync } from 'node:fs';
import { until } from './until.ts';

/** Why system calls cannot be counted here; undefined: they can. */
export const whyNoSystemCalls =
  Bun.which('strace') !== null && process.getuid?.() === 0 ? undefined : 'needs strace, and root to trace';

/** Those by which threads of the runtime wait for each other and give memory back: how many depends on the machine's load. */
export const OF_THE_RUNTIME = ['futex', 'madvise', 'sched_yield'];

/** Counts, by strace, the system calls of a process but for some, without those of its children, while something is done. */
export async function countSystemCalls(
  pid: number,
  act: () => Promise<unknown>,
  except: readonly string[] = [],
): Promise<number> {
  const threads = readdirSync(`/proc/${pid}/task`).flatMap((thread) => ['-p', thread]);
  const strace = Bun.spawn(['strace', '-c', ...threads], { stdio: ['ignore', 'ignore', 'pipe'] });
  try {
    const status = (): string => readFileSync(`/proc/${pid}/status`, 'utf8');
    await until('it is traced', () => !status().includes('TracerPid:\t0\n'));
    await act();
  } finally {
    strace.kill('SIGINT');
  }
  const report = await new Response(strace.stderr).text();
  if (process.env['STRACE']) console.log(report);
  const calls = report.matchAll(/^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s+(?:\d+\s+)?(?!total)(\w+)$/gm);
  return [...calls].reduce((sum, [, count, name = '']) => sum + (except.includes(name) ? 0 : Number(count)), 0);
}
