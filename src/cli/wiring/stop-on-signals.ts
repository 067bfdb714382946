import { EXIT } from '#cli/exit-codes.ts';

/** The wish to stop: the first SIGINT or SIGTERM cancels, the second one kills. */
export interface Stop {
  readonly cancel: AbortSignal;
  readonly killNow: AbortSignal;
  /** Cancels without a signal. */
  stop(): void;
  /** The exit code that the first signal asks for. Undefined: no signal has come. */
  exitCode(): number | undefined;
}

export function stopOnSignals(): Stop & Disposable {
  const cancel = new AbortController();
  const killNow = new AbortController();
  let exitCode: number | undefined;
  const on = (code: number) => (): void => {
    exitCode ??= code;
    if (cancel.signal.aborted) killNow.abort();
    cancel.abort();
  };
  const interrupt = on(EXIT.interrupted);
  const terminate = on(EXIT.terminated);
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', terminate);
  return {
    cancel: cancel.signal,
    killNow: killNow.signal,
    stop: () => cancel.abort(),
    exitCode: () => exitCode,
    [Symbol.dispose]: () => {
      process.off('SIGINT', interrupt);
      process.off('SIGTERM', terminate);
    },
  };
}
