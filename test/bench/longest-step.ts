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
  const perf = Bun.spawn(
    [
      'perf',
      'record',
      '-q',
      '-m',
      '4M',
      '-o',
      data,
      '-e',
      EVENTS.join(),
      '-p',
      pids.join(),
      '--',
      'sh',
      '-c',
      `: > ${ready}; exec cat`,
    ],
    { stdin: 'pipe', stdout: 'ignore', stderr: 'inherit' },
  );
  while (!(await Bun.file(ready).exists())) await Bun.sleep(20);
  const value = await work();
  await perf.stdin.end();
  await perf.exited;
  const text = Bun.file(join(directory.path, 'perf.txt'));
  await Bun.spawn(['perf', 'script', '-i', data, '-F', 'tid,event,trace'], { stdout: text, stderr: 'ignore' }).exited;
  const all = new Map(pids.map((pid) => [pid, createSteps()]));
  for await (const line of linesOf(text.stream())) {
    const [, tid, event, trace] = /^\s*(\d+)\s+([\w:]+):\s*(.*)$/.exec(line) ?? [];
    all.get(Number(tid))?.take(event ?? '', trace ?? '');
  }
  return { value, longestMs: pids.map((pid) => all.get(pid)?.longestMs() ?? Number.NaN) };
}

interface Steps {
  take(event: string, trace: string): void;
  longestMs(): number;
}

function createSteps(): Steps {
  let ran = 0;
  let longest = 0;
  return {
    take: (event, trace) => {
      if (event === 'sched:sched_stat_runtime') ran += Number(/runtime=(\d+)/.exec(trace)?.[1] ?? 0);
      else {
        if (event.includes('enter')) longest = Math.max(longest, ran);
        ran = 0;
      }
    },
    longestMs: () => longest / 1e6,
  };
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}
