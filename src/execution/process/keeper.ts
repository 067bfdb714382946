import { constants } from 'node:os';
import { getSystemErrorName } from 'node:util';
import { startTimer, type Timer } from '#domain/timer.ts';
import type { KeeperProcess } from './keeper-process.ts';
import { createOutputs, type OrderedOutputs } from './output.ts';
import type { ChildStreams, ProcessEnd, ProcessRequest } from './running-process.ts';

/**
 * A keeper that was told to end everything and has not done so by then, e.g. because its program has stopped it, is
 * killed, and the kernel kills the program with it.
 */
const KILL_MS = 15_000;

/**
 * The time between looks at a keeper that was told to end everything, and let go on. It must not be stopped then: its
 * program stops it again and again, and it is killed.
 */
const STOPPED_MS = 1000;

/** Bytes of an output after which a keeper learns that they were taken: a fourth of what it passes on until then. */
const ACKNOWLEDGED_BYTES = 32 * 1024;

/** Bytes of input that are sent before the keeper says that it has written them. */
const INPUT_BYTES = 64 * 1024;

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

/** The stage of a keeper that has begun with nothing: its program was not started. */
const KILLED = 'keeper';

/** The stage of a program that would have had other limits, priority or processors than this process (inherited.c). */
const CHANGED = 'changed';

/** Whether a program was not started because somebody has harmed what starts it. */
export function isLost({ stage }: { readonly stage: string }): boolean {
  return stage === KILLED || stage === CHANGED;
}

/** A program that a keeper keeps. */
export interface KeptProgram extends ChildStreams {
  /** Settles when the program has ended, or could not be started. Never rejects. */
  readonly report: Promise<KeeperReport>;
  /** Sends a signal to every process of the program's group; SIGKILL ends all that the program has started. */
  signal(signal: 'SIGTERM' | 'SIGKILL'): void;
  /** Ends all that is left; resolves when nothing is. */
  end(): Promise<void>;
}

/** What becomes of a keeper when nothing of its program is left. */
interface KeeperUse {
  over(): void;
  /** Somebody has changed it, or killed it: it has started nothing, and ends. */
  changed(): void;
  killed(): void;
}

/** Lets a keeper run the program of a request. */
export function keepProgram(keeper: KeeperProcess, request: Uint8Array, use: KeeperUse): KeptProgram {
  const { promise: report, resolve: reportIs } = Promise.withResolvers<KeeperReport>();
  const { promise: over, resolve: isOver } = Promise.withResolvers<void>();
  let isOpen = true;
  let hasBegun = false;
  let deadline: Timer | undefined;
  const outputs = outputsOf(keeper);
  const input = createInput(keeper);
  const close = (): void => {
    isOpen = false;
    deadline?.stop();
    outputs.end();
    input.stop();
    isOver();
  };
  const frames: Readonly<Record<string, (carried: Buffer) => void>> = {
    b: () => {
      hasBegun = true;
    },
    o: (carried) => outputs.add('stdout', new Uint8Array(carried)),
    e: (carried) => outputs.add('stderr', new Uint8Array(carried)),
    i: input.goOn,
    x: (carried) => {
      deadline?.stop(); /* what has been written may wait for long to be taken */
      deadline = undefined;
      const found = readReport(carried.toString('utf8'));
      if (found.kind === 'failed' && found.stage === CHANGED) use.changed();
      reportIs(found);
    },
    z: () => {
      close();
      use.over();
    },
  };
  keeper.listen({
    frame: (letter, carried) => frames[letter]?.(carried),
    closed: () => {
      if (!hasBegun) use.killed();
      reportIs(withoutReport(hasBegun));
      close();
    },
  });
  const tell = (letter: string, carried: Uint8Array): void => {
    if (!isOpen) return;
    deadline ??= startDeadline(keeper);
    sendAwake(keeper, letter, carried);
  };
  keeper.send('r', request);
  return {
    stdout: outputs.stdout,
    stderr: outputs.stderr,
    writeInput: input.write,
    report,
    signal: (name) => {
      if (name === 'SIGKILL') tell('s', Buffer.of(constants.signals[name]));
      else if (isOpen) sendAwake(keeper, 's', Buffer.of(constants.signals[name]));
    },
    end: async () => {
      tell('f', new Uint8Array());
      await over;
    },
  };
}

function sendAwake(keeper: KeeperProcess, letter: string, carried: Uint8Array): void {
  keeper.wake();
  keeper.send(letter, carried);
}

/** The time that a keeper has to end everything. */
function startDeadline(keeper: KeeperProcess): Timer {
  const look = (looks: number): Timer =>
    startTimer(STOPPED_MS, () => {
      if (looks * STOPPED_MS >= KILL_MS || keeper.isStopped()) keeper.kill();
      else timer = look(looks + 1);
    });
  let timer = look(1);
  return { stop: () => timer.stop() };
}

/** The outputs of a program, whose keeper goes on when it learns that enough was taken. */
function outputsOf(keeper: KeeperProcess): OrderedOutputs {
  const taken = { stdout: 0, stderr: 0 };
  return createOutputs((name, bytes) => {
    taken[name] += bytes;
    if (taken[name] < ACKNOWLEDGED_BYTES) return;
    keeper.send(name === 'stdout' ? 'o' : 'e', new Uint8Array(Uint32Array.of(taken[name]).buffer));
    taken[name] = 0;
  });
}

/** A keeper that ended without a word was killed, and the kernel has killed its program with it. */
function withoutReport(hasBegun: boolean): KeeperReport {
  if (hasBegun) return describeSignal(constants.signals.SIGKILL);
  return { kind: 'failed', code: '', stage: KILLED, what: 'its keeper was killed before it began' };
}

interface Input {
  write(bytes: Uint8Array): Promise<void>;
  /** The keeper takes more. */
  goOn(): void;
  /** Nobody reads any more. */
  stop(): void;
}

function createInput(keeper: KeeperProcess): Input {
  let isOpen = true;
  let wake = (): void => {};
  return {
    write: async (bytes) => {
      for (let at = 0; isOpen; at += INPUT_BYTES) {
        const isLast = at + INPUT_BYTES >= bytes.length;
        keeper.send(isLast ? 'l' : 'i', bytes.subarray(at, at + INPUT_BYTES));
        if (isLast) return;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    goOn: () => wake(),
    stop: () => {
      isOpen = false;
      wake();
    },
  };
}

/** A request as a keeper reads it: texts, each with a zero byte at its end. Throws where one has such a byte itself. */
export function requestBytes({ restrictions = [], command, env, cwd }: ProcessRequest): Uint8Array {
  const args = [...restrictions, '--', ...command];
  const variables = Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]));
  const texts = [cwd, String(args.length), ...args, ...variables];
  if (texts.some((text) => text.includes('\0')))
    throw Object.assign(new Error('a text for a program has a zero byte'), { code: 'EINVAL' });
  return Buffer.from(`${texts.join('\0')}\0`);
}

function readReport(text: string): KeeperReport {
  const [kind, number = '', stage = '', ...what] = text.split(' ');
  if (kind === 'exited') return { kind, exitCode: Number(number) };
  if (kind === 'signaled') return describeSignal(Number(number));
  return { kind: 'failed', code: getSystemErrorName(-Number(number)), stage, what: what.join(' ') };
}

function describeSignal(signalNumber: number): ProcessEnd {
  const found = Object.entries(constants.signals).find(([, number]) => number === signalNumber);
  return { kind: 'signaled', signal: found?.[0] ?? `signal ${signalNumber}`, signalNumber };
}
