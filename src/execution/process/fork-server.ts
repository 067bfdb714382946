import { closeSync } from 'node:fs';
import type { NativeFunctions } from '#execution/native/native.ts';
import type { KeeperMaking } from './keeper-process.ts';
import { FORK_SERVER, ownProgram } from './launcher.ts';
import { signalIfThere } from './signal-if-there.ts';

/** The process that makes keepers by fork, which costs less than to execute this large file for each of them. */
export interface ForkServer {
  /**
   * Asks for a keeper. Undefined: the fork server did not take the request, or it is gone. The next request then starts
   * another one.
   */
  ask(): KeeperMaking | undefined;
  /** Kills the fork server, and with it whatever it has not done yet. */
  kill(): void;
}

/** A process is started when the first request comes. `onEnd` is called whenever it has ended. */
export function forkServerBy({ forkServer: calls }: NativeFunctions, onEnd: () => void): ForkServer {
  let current: Running | undefined;
  const running = (): Running | undefined => {
    current ??= start(calls, () => {
      current = undefined;
      onEnd();
    });
    return current;
  };
  return {
    ask: () => {
      const server = running();
      if (!server) return undefined;
      const asked = calls.ask(server);
      if (!asked.ok) return undefined;
      return {
        descriptor: asked.value,
        kill: (pid) => {
          if (pid === undefined) server.kill();
          else signalIfThere(pid, 'SIGKILL');
        },
        gone: server.goOn /* it ends what the keeper leaves behind, which may have stopped it */,
        isReusable: () => server === current,
      };
    },
    kill: () => current?.kill(),
  };
}

interface Running {
  readonly socket: number;
  readonly pid: number;
  kill(): void;
  /** Lets it go on where somebody has stopped it. */
  goOn(): void;
}

/** Undefined when no process can be started now. */
function start(calls: NativeFunctions['forkServer'], onEnd: () => void): Running | undefined {
  const opened = calls.open();
  if (!opened.ok) return undefined;
  const { own, given } = opened.value;
  try {
    const child = Bun.spawn([ownProgram(), FORK_SERVER], {
      argv0: 'attune-fork-server',
      env: {},
      cwd: '/',
      stdio: [given, given, given],
      detached: true,
      onExit: () => {
        closeSync(own);
        onEnd();
      },
    });
    child.unref();
    return { socket: own, pid: child.pid, kill: () => child.kill('SIGKILL'), goOn: () => child.kill('SIGCONT') };
  } catch {
    closeSync(own);
    return undefined;
  } finally {
    closeSync(given);
  }
}
