import { closeSync } from 'node:fs';
import {
  MOST_REQUEST_BYTES,
  MOST_REQUEST_TEXTS,
  type NativeFunctions,
  type PipeEnds,
} from '#execution/native/native.ts';
import { FORK_SERVER, ownProgram } from './launcher.ts';
import type { ProcessRequest } from './running-process.ts';

/** The process that makes keepers by fork, which costs less than to execute this large file for each of them. */
export interface ForkServer {
  /**
   * Asks for a keeper and its program. Undefined: the fork server did not take the request, which may be too large for it,
   * or it is gone. The next request then starts another one.
   */
  ask(request: ProcessRequest): Asked | undefined;
}

/** The agent's ends of the streams of a program, and of the control socket of its keeper. */
export interface Asked {
  readonly streams: PipeEnds['agent'];
  readonly control: number;
  /** Kills the fork server, and with it whatever it has not done yet. */
  killServer(): void;
}

/** A process is started when the first request comes. */
export function forkServerBy({ forkServer: calls }: NativeFunctions): ForkServer {
  let current: Running | undefined;
  const running = (): Running | undefined => {
    current ??= start(calls, () => {
      current = undefined;
    });
    return current;
  };
  return {
    ask: (request) => {
      const bytes = requestBytes(request);
      const server = bytes && running();
      if (!(bytes && server)) return undefined;
      const asked = calls.ask(server, bytes);
      if (!asked.ok) return undefined;
      const { control, ...streams } = asked.value;
      return { streams, control, killServer: server.kill };
    },
  };
}

interface Running {
  readonly socket: number;
  readonly pid: number;
  kill(): void;
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
    return { socket: own, pid: child.pid, kill: () => child.kill('SIGKILL') };
  } catch {
    closeSync(own);
    return undefined;
  } finally {
    closeSync(given);
  }
}

/** A request as the fork server reads it; undefined if it is too large, or could be read as another one. */
function requestBytes({ restrictions = [], command, env, cwd }: ProcessRequest): Uint8Array | undefined {
  const args = [...restrictions, '--', ...command];
  const variables = Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]));
  const texts = [cwd, String(args.length), ...args, ...variables];
  if (texts.length > MOST_REQUEST_TEXTS || texts.some((text) => text.includes('\0'))) return undefined;
  const bytes = Buffer.from(`${texts.join('\0')}\0`);
  return bytes.length > MOST_REQUEST_BYTES ? undefined : bytes;
}
