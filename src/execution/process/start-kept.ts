import { closeSync } from 'node:fs';
import { getSystemErrorName } from 'node:util';
import { lazy } from '#domain/lazy.ts';
import { type NativeFunctions, openNative, type PipeEnds } from '#execution/native/native.ts';
import { explainStartFailure } from './explain-start-failure.ts';
import { type ForkServer, forkServerBy } from './fork-server.ts';
import { isLost, type Keeper, type KeeperReport, keeperAt, keeperOf } from './keeper.ts';
import { LAUNCH, ownProgram } from './launcher.ts';
import type { ChildStreams, NotStarted, ProcessEnd, ProcessRequest, RunningProcess } from './running-process.ts';
import { streamsViaPipes } from './via-pipes.ts';
import { streamsViaSockets } from './via-sockets.ts';

/** The number of the socket in the keeper: behind the standard streams. */
const CONTROL = 3;

/** The name that lists of processes show instead of this program's name. */
const KEEPER_NAME = 'attune-keeper';

const native = lazy(openNative);
const forkServer = lazy((): ForkServer | undefined => {
  const functions = native();
  return functions.ok ? forkServerBy(functions.value) : undefined;
});

/** Starts a child with a keeper: neither it nor what it starts outlives this process. Throws errors of the system. */
export function startKept(request: ProcessRequest): RunningProcess {
  const { streams, keeper } = (!request.isAgain && startByFork(request)) || startByItself(request);
  return {
    ...streams,
    ended: keeper.report.then((report) => describeEnd(request, report)),
    signalGroup: keeper.signal,
    [Symbol.asyncDispose]: async () => {
      await keeper.end();
      streams.close();
    },
  };
}

interface Kept {
  readonly streams: ChildStreams & { close(): void };
  readonly keeper: Keeper;
}

/** Undefined when the fork server does not do it. */
function startByFork(request: ProcessRequest): Kept | undefined {
  const asked = forkServer()?.ask(request);
  return asked && { streams: streamsViaPipes(asked.streams), keeper: keeperAt(asked) };
}

/** Executes this file as the keeper: what the fork server does not do. */
function startByItself(request: ProcessRequest): Kept {
  const functions = native();
  return functions.ok ? startWithPipes(request, functions.value) : startWithSockets(request);
}

function startWithPipes(request: ProcessRequest, functions: NativeFunctions): Kept {
  const { child, agent } = openPipes(functions);
  try {
    const keeper = startKeeper(request, child);
    return { keeper: keeperOf(keeper), streams: streamsViaPipes(agent) };
  } catch (error) {
    for (const end of Object.values(agent)) closeSync(end);
    throw error;
  } finally {
    for (const end of child) closeSync(end);
  }
}

function openPipes({ openPipes }: NativeFunctions): PipeEnds {
  const opened = openPipes();
  if (opened.ok) return opened.value;
  throw Object.assign(new Error('pipe2 failed'), { code: getSystemErrorName(-opened.error) });
}

/** Starts a child where native functions cannot be called, so that Bun makes the streams. */
function startWithSockets(request: ProcessRequest): Kept {
  const keeper = startKeeper(request, ['pipe', 'pipe', 'pipe']);
  return { keeper: keeperOf(keeper), streams: { ...streamsViaSockets(keeper), close: () => {} } };
}

function startKeeper<End extends 'pipe' | number>(
  { restrictions = [], command, env, cwd }: ProcessRequest,
  streams: readonly [End, End, End],
): Bun.Subprocess<End, End, End> {
  return Bun.spawn([ownProgram(), LAUNCH, `control=${CONTROL}`, ...restrictions, '--', ...command], {
    argv0: KEEPER_NAME,
    env: { ...env },
    cwd,
    stdio: [...streams, 'socket-fd'],
    detached: true,
  });
}

function describeEnd(request: ProcessRequest, report: KeeperReport): ProcessEnd | NotStarted {
  if (report.kind !== 'failed') return report;
  const isOfProgram = ['program', 'fork', 'directory'].includes(report.stage);
  const reason = isOfProgram ? explainStartFailure(request, report.code) : report.what;
  return { kind: 'not-started', reason, isLost: isLost(report) };
}
