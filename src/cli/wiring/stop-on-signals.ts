import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { EXIT } from '#cli/exit-codes.ts';

/** The request to stop: the first SIGINT, SIGTERM, SIGQUIT or SIGHUP cancels, the second one kills. */
export interface Stop {
  readonly cancel: AbortSignal;
  readonly killNow: AbortSignal;
  /** Cancels without a signal. */
  stop(): void;
  /** The exit code that the first signal asks for. Undefined: no signal has come. */
  exitCode(): number | undefined;
}

const exitCodes = {
  SIGINT: EXIT.interrupted,
  SIGTERM: EXIT.terminated,
  SIGQUIT: EXIT.quit,
  SIGHUP: EXIT.hungUp,
} as const;
/** The signals that mean nothing to the agent, and would end a process that does not handle them. */
const meaningless = ['SIGUSR1', 'SIGUSR2', 'SIGALRM'] as const;

/**
 * Turns the signals that stop the agent into a wish to stop. `isIgnored` tells whether whoever started this process
 * wants it to ignore a signal, as nohup(1) does with SIGHUP.
 */
export function stopOnSignals(isIgnored = ignoredSignals()): Stop & Disposable {
  const cancel = new AbortController();
  const killNow = new AbortController();
  let exitCode: number | undefined;
  const on = (code: number) => (): void => {
    exitCode ??= code;
    if (cancel.signal.aborted) killNow.abort();
    cancel.abort();
  };
  const stopping = Object.entries(exitCodes).map(([signal, code]) => [signal, on(code)] as const);
  const listeners = [...stopping, ...meaningless.map((signal) => [signal, (): void => {}] as const)].filter(
    ([signal]) => signal !== 'SIGHUP' || !isIgnored('SIGHUP'),
  );
  for (const [signal, listener] of listeners) process.on(signal, listener);
  return {
    cancel: cancel.signal,
    killNow: killNow.signal,
    stop: () => cancel.abort(),
    exitCode: () => exitCode,
    [Symbol.dispose]: () => {
      for (const [signal, listener] of listeners) process.off(signal, listener);
    },
  };
}

/** Reads from /proc which signals this process ignores; without /proc none is known to be ignored. */
function ignoredSignals(): (signal: 'SIGHUP') => boolean {
  const mask = BigInt(`0x${/^SigIgn:\s*([0-9a-f]+)/m.exec(statusOfThisProcess())?.[1] ?? '0'}`);
  return (signal) => (mask & (1n << BigInt(constants.signals[signal] - 1))) !== 0n;
}

function statusOfThisProcess(): string {
  try {
    return readFileSync('/proc/self/status', 'utf8');
  } catch {
    return '';
  }
}
