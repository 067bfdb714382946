import { outputOf } from './output.ts';
import type { ProcessEnd, ProcessRequest, RunningProcess } from './running-process.ts';
import { signalIfThere } from './signal-if-there.ts';

/** Starts a child without a keeper: it may outlive this process. Throws errors of the system. */
export function startBare({ command, env, cwd }: ProcessRequest): RunningProcess {
  const child = Bun.spawn([...command], { env: { ...env }, cwd, stdio: ['pipe', 'pipe', 'pipe'], detached: true });
  /* The number of the group stays reserved while any member lives, so this cannot hit a stranger as long as one of ours is left. */
  const signalGroup = (signal: NodeJS.Signals): void => signalIfThere(-child.pid, signal);
  return {
    stdout: outputOf(child.stdout),
    stderr: outputOf(child.stderr),
    writeInput: (bytes) => writeInput(child.stdin, bytes),
    ended: child.exited.then((code) => describeEnd(code, child.signalCode)),
    signalGroup,
    [Symbol.asyncDispose]: async () => signalGroup('SIGKILL'),
  };
}

async function writeInput(stdin: Bun.FileSink, bytes: Uint8Array): Promise<void> {
  try {
    await stdin.write(bytes);
    await stdin.end();
  } catch {
    /* the pipe is gone with its reader */
  }
}

/** Bun names the signals it knows; the others (real-time) arrive as 128 + number. */
function describeEnd(exitCode: number, signal: unknown): ProcessEnd {
  if (signal === null || signal === undefined) return { kind: 'exited', exitCode };
  const signalNumber = exitCode - 128;
  return { kind: 'signaled', signal: typeof signal === 'string' ? signal : `signal ${signalNumber}`, signalNumber };
}
