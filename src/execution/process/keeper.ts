import { constants } from 'node:os';
import { getSystemErrorName } from 'node:util';
import { startTimer, type Timer } from '#domain/timer.ts';
import type { ProcessEnd } from './running-process.ts';

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

/** Talks to the keeper `child`, which was started with a `socket-fd` as its last stream. */
export function keeperOf(child: Bun.Subprocess): Keeper {
  const { message, socket } = connectTo(child);
  let deadline: Timer | undefined;
  let isGone = false;
  const gone = child.exited.then(() => {
    isGone = true;
    deadline?.stop();
  });
  const kill = (): void => void child.kill('SIGKILL');
  const signal = (name: 'SIGTERM' | 'SIGKILL'): void => {
    if (isGone) return;
    if (name === 'SIGKILL') deadline ??= startTimer(KILL_MS, kill);
    socket.then((one) => one.write(Buffer.of(constants.signals[name])), kill);
  };
  return {
    report: reportOf(child, message),
    signal,
    end: async () => {
      signal('SIGKILL');
      await gone;
      await socket.then((one) => one.terminate(), kill);
    },
  };
}

interface Connection {
  /** The first message; undefined: the keeper is gone without one. */
  readonly message: Promise<string | undefined>;
  readonly socket: Promise<Bun.Socket>;
}

function connectTo({ stdio }: Bun.Subprocess): Connection {
  const { promise: message, resolve } = Promise.withResolvers<string | undefined>();
  let text = '';
  const handlers = {
    data: (_: unknown, bytes: Uint8Array): void => {
      text += Buffer.from(bytes).toString('utf8');
      if (text.includes('\0')) resolve(text.slice(0, text.indexOf('\0')));
    },
    close: (): void => resolve(undefined),
    error: (): void => resolve(undefined),
  };
  /* Bun's own node:net connects so to a descriptor; the types do not know it. */
  const options = { fd: stdio.at(-1), socket: handlers } as unknown as Bun.UnixSocketOptions;
  const socket = Bun.connect(options);
  socket.catch(() => resolve(undefined));
  return { message, socket };
}

async function reportOf(child: Bun.Subprocess, message: Promise<string | undefined>): Promise<KeeperReport> {
  const report = readReport((await message) ?? '');
  if (report) return report;
  const exitCode = await child.exited;
  if (child.signalCode !== null) return describeSignal(exitCode - 128);
  return { kind: 'failed', code: '', stage: 'keeper', what: `its keeper ended with exit code ${exitCode}` };
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
