/**
 * The longest step of a loop in time of the processor, so that the load of the machine does not count: perf records each
 * wait of the main thread for events, and the time that it ran in between.
 */
import { join } from 'node:path';
import { temporaryDirectory } from '#test/support/temporary.ts';

const EVENTS = [
  'sched:sched_stat_runtime',
  ...['epoll_wait', 'epoll_pwait', 'epoll_pwait2'].flatMap((one) => [
    `syscalls:sys_enter_${one}`,
    `syscalls:sys_exit_${one}`,
  ]),
];

const MOST_TRIES = 10;

export interface LongestSteps<T> {
  readonly value: T;
  /** Milliseconds of the processor, by process. */
  readonly longestMs: readonly number[];
}

/** Does the work while perf watches the processes. */
export async function longestSteps<T>(pids: readonly number[], work: () => Promise<T>): Promise<LongestSteps<T>> {
  using directory = temporaryDirectory();
  const data = join(directory.path, 'perf.data');
  const ready = join(directory.path, 'ready');
  const record = (): Bun.Subprocess<'pipe', 'ignore', 'inherit'> =>
    Bun.spawn(
      [
        ...['perf', 'record', '-q', '-m', '4M', '-o', data, '-e', EVENTS.join(), '-p', pids.join()],
        ...['--', 'sh', '-c', `: > ${ready}; exec cat`],
      ],
      { stdin: 'pipe', stdout: 'ignore', stderr: 'inherit' },
    );
  let perf = record();
  for (let tries = 1; !(await Bun.file(ready).exists()); await Bun.sleep(20)) {
    if (perf.exitCode === null) continue;
    /* A thread that ends while perf attaches to it is an error for perf. */
    if (tries++ === MOST_TRIES) throw new Error(`perf ended with ${perf.exitCode} before it watched`);
    perf = record();
  }
  const value = await work();
  await perf.stdin.end();
  await perf.exited;
  const script = Bun.spawn(['sh', '-c', `perf script -i ${data} -F tid,event,trace 2>/dev/null | awk '${LONGEST}'`]);
  const longest = new Map<number, number>();
  for (const line of (await script.stdout.text()).trim().split('\n')) {
    const [tid, nanoseconds] = line.split(' ').map(Number);
    longest.set(tid ?? 0, nanoseconds ?? 0);
  }
  return { value, longestMs: pids.map((pid) => (longest.get(pid) ?? Number.NaN) / 1e6) };
}

/** A program of awk that prints the longest time between two waits of each thread. */
const LONGEST = `
  /sched_stat_runtime/ { match($0, /runtime=[0-9]+/); ran[$1] += substr($0, RSTART + 8, RLENGTH - 8); next }
  /sys_enter/ { if (ran[$1] > longest[$1]) longest[$1] = ran[$1] }
  { ran[$1] = 0 }
  END { for (tid in longest) print tid, longest[tid] }`;
