import { constants } from 'node:os';
import { getSystemErrorName } from 'node:util';
import { startTimer, type Timer } from '#domain/timer.ts';
import type { Asked } from './fork-server.ts';
import type { ProcessEnd } from './running-process.ts';
import { signalIfThere } from './signal-if-there.ts';

/**
 * A keeper that was told to end everything and has not done so by then, e.g. because its program has stopped it, is
 * killed, and the kernel kills the program with it.
 */
const KILL_MS = 15_000;

/** The report of a keeper about its program (src/static-linker/keeper.c). */
export type KeeperReport =
  | ProcessEnd
  | {
      readonly kind: 'failed';
      /** The error of the system, e.g. `ENOENT`. */
      readonly code: string;
      /** `program` when that could not be executed; else what the launcher could not do before. */
      readonly stage: string;
      readonly what: string;
    };

/** The process between this one and a program, and the socket to it: when that closes, the keeper ends everything. */
export interface Keeper {
  /** Settles when the program has ended, or could not be started. Never rejects. */
  readonly report: Promise<KeeperReport>;
  /** Sends a signal to every process of the program's group; SIGKILL ends all that the program has started. */
  signal(signal: 'SIGTERM' | 'SIGKILL'): void;
  /** Ends all that is left; resolves when nothing is. */
  end(): Promise<void>;
}

/** Talks to a keeper that this process has started, with a `socket-fd` as its last stream. */
export function keeperOf(child: Bun.Subprocess): Keeper {
  return talkTo(Number(child.stdio.at(-1)), { exited: child.exited, kill: () => child.kill('SIGKILL') });
}

/**
 * Talks to a keeper that the fork server makes. Until it has said its number, only the fork server can be killed. One
 * that somebody has changed is.
 */
export function keeperAt({ control, killServer }: Asked): Keeper {
  const keeper = talkTo(control, {
    exited: undefined,
    kill: (pid) => (pid === undefined ? killServer() : signalIfThere(pid, 'SIGKILL')),
  });
  void keeper.report.then((report) => {
    if (report.kind === 'failed' && report.stage === CHANGED) killServer();
  });
  return keeper;
}

/** How the process of a keeper is dealt with; `exited` is undefined for a process that is no child of this one. */
interface KeeperProcess {
  readonly exited: Promise<unknown> | undefined;
  kill(pid: number | undefined): void;
}

function talkTo(descriptor: number, handle: KeeperProcess): Keeper {
  const { pid, report, closed, socket } = connectTo(descriptor);
  let deadline: Timer | undefined;
  let isGone = false;
  const gone = (handle.exited ?? closed).then(() => {
    isGone = true;
    deadline?.stop();
  });
  const kill = (): void => handle.kill(pid());
  const signal = (name: 'SIGTERM' | 'SIGKILL'): void => {
    if (isGone) return;
    if (name === 'SIGKILL') deadline ??= startTimer(KILL_MS, kill);
    socket.then((one) => one.write(Buffer.of(constants.signals[name])), kill);
  };
  return {
    report: report.then((found) => found ?? withoutReport(pid())),
    signal,
    end: async () => {
      signal('SIGKILL');
      await gone;
      await socket.then((one) => one.terminate(), kill);
    },
  };
}

/** The stage of a keeper that never said its number, which is the first that it does: its program was not started. */
const KILLED = 'keeper';

/** The stage of a program that would have had other limits, priority or processors than this process (inherited.c). */
const CHANGED = 'changed';

/** Whether a program was not started because somebody has harmed what starts it. */
export function isLost({ stage }: { readonly stage: string }): boolean {
  return stage === KILLED || stage === CHANGED;
}

/** A keeper that ended without a word was killed, and the kernel has killed its program with it. */
function withoutReport(pid: number | undefined): KeeperReport {
  if (pid !== undefined) return describeSignal(constants.signals.SIGKILL);
  return { kind: 'failed', code: '', stage: KILLED, what: 'its keeper was killed before it began' };
}

interface Connection {
  /** The number of the keeper, once it has said it. */
  pid(): number | undefined;
  /** Undefined: the keeper is gone without one. */
  readonly report: Promise<KeeperReport | undefined>;
  readonly closed: Promise<void>;
  readonly socket: Promise<Bun.Socket>;
}

function connectTo(descriptor: number): Connection {
  const { promise: report, resolve: reportIs } = Promise.withResolvers<KeeperReport | undefined>();
  const { promise: closed, resolve: close } = Promise.withResolvers<void>();
  let text = '';
  let pid: number | undefined;
  const end = (): void => {
    reportIs(undefined);
    close();
  };
  const handlers = {
    data: (_: unknown, bytes: Uint8Array): void => {
      const messages = (text + Buffer.from(bytes).toString('utf8')).split('\0');
      text = messages.pop() ?? '';
      for (const message of messages)
        if (message.startsWith('keeper ')) pid = Number(message.slice('keeper '.length));
        else reportIs(readReport(message));
    },
    close: end,
    error: end,
  };
  /* Bun's own node:net connects so to a descriptor; the types do not know it. */
  const options = { fd: descriptor, socket: handlers } as unknown as Bun.UnixSocketOptions;
  const socket = Bun.connect(options);
  socket.catch(end);
  return { pid: () => pid, report, closed, socket };
}

function readReport(text: string): KeeperReport | undefined {
  const [kind, number = '', stage = '', ...what] = text.split(' ');
  switch (kind) {
    case 'exited':
      return { kind, exitCode: Number(number) };
    case 'signaled':
      return describeSignal(Number(number));
    case 'failed':
      return { kind, code: getSystemErrorName(-Number(number)), stage, what: what.join(' ') };
    default:
      return undefined;
  }
}

function describeSignal(signalNumber: number): ProcessEnd {
  const found = Object.entries(constants.signals).find(([, number]) => number === signalNumber);
  return { kind: 'signaled', signal: found?.[0] ?? `signal ${signalNumber}`, signalNumber };
}
