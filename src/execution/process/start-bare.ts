import type { ProcessEnd, ProcessRequest, RunningProcess } from './running-process.ts';
import { signalIfThere } from './signal-if-there.ts';
import { streamsViaSockets } from './via-sockets.ts';

/** Starts a child without a keeper: it may outlive this process. Throws errors of the system. */
export function startBare({ command, env, cwd }: ProcessRequest): RunningProcess {
  const child = Bun.spawn([...command], { env: { ...env }, cwd, stdio: ['pipe', 'pipe', 'pipe'], detached: true });
  /* The number of the group stays reserved while any member lives, so this cannot hit a stranger as long as one of ours is left. */
  const signalGroup = (signal: NodeJS.Signals): void => signalIfThere(-child.pid, signal);
  return {
    ...streamsViaSockets(child),
    ended: child.exited.then((code) => describeEnd(code, child.signalCode)),
    signalGroup,
    [Symbol.asyncDispose]: async () => signalGroup('SIGKILL'),
  };
}

/** Bun names the signals it knows; the others (real-time) arrive as 128 + number. */
function describeEnd(exitCode: number, signal: unknown): ProcessEnd {
  if (signal === null || signal === undefined) return { kind: 'exited', exitCode };
  const signalNumber = exitCode - 128;
  return { kind: 'signaled', signal: typeof signal === 'string' ? signal : `signal ${signalNumber}`, signalNumber };
}
