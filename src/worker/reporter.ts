import type { Settlement } from '#domain/agent-store.ts';
import { backoffMs } from '#domain/backoff.ts';
import type { Clock } from '#domain/clock.ts';
import { messageOf } from '#domain/errors.ts';
import { groupsOf } from '#domain/groups.ts';
import type { ExecutionId } from '#domain/ids.ts';
import type { LogChunk } from '#domain/log.ts';
import type { Logger } from '#domain/logger.ts';
import { createPace } from '#domain/pace.ts';
import { takeTurns } from '#domain/turns.ts';
import type { Deliver } from './deliver.ts';
import { createLogQueue, type LogQueueDependencies } from './log-queue.ts';
import type { Backlog, Spool } from './spool.ts';

/**
 * Milliseconds between the beginnings of two deliveries for each settlement of the first of them, and the most of them: while
 * many come, batches grow, and one that comes alone does not wait.
 */
const PACE_MS = { forEach: 4, most: 15 };
/** Settlements in one statement. */
const MOST_SETTLEMENTS = 200;
/** Characters of the results in one statement; a larger one is alone. */
const MOST_RESULTS = 64 * 1024;
/** Milliseconds between the last tries while the database is away. */
const LONGEST_PAUSE_MS = 3000;

/**
 * A reporter, which takes logs and results to the database, in order, in batches, however long the database is away.
 */
export interface Reporter {
  /** Resolves at once, or, when more than the limit waits already, once there is room again. */
  log(chunk: LogChunk): Promise<void>;
  /** After all that its execution has logged. `onStored` is called once the database has it. */
  settle(settlement: Settlement, onStored?: () => void): void;
  /** Tells whether the result of an execution waits: it has ended here, and the database does not know yet. */
  holds(execution: ExecutionId): boolean;
  /** Resolves when all that was there has been delivered. */
  idle(): Promise<void>;
  readonly waiting: { bytes(): number; settlements(): number };
  /** Gives up on what waits: the agent ends. It stays in the spool, where there is one. */
  stop(): void;
}

interface ReporterDependencies extends KeeperDependencies, LogQueueDependencies {
  readonly deliver: Deliver;
  readonly clock: Clock;
}

interface KeeperDependencies {
  readonly spool: Spool | undefined;
  readonly logger: Logger;
  /** The spool could not be written to, for that error. */
  onSpoolLost(error: unknown): void;
}

/**
 * The reporter has a loop of its own instead of createBatcher's, because it needs more of its queues: what waits is counted
 * in bytes, and actions that log too much wait with it; an item stays in its queue, for `holds` and for the spool, until
 * the database has it; and logs and results are two queues that leave in one order.
 */
export function createReporter(deps: ReporterDependencies): Reporter {
  const { deliver, clock } = deps;
  const keeper = createKeeper(deps);
  const logs = createLogQueue(deps, keeper.isAway);
  const stopping = new AbortController();
  let delivered = 0;
  const pace = createPace(clock, () => Math.min(PACE_MS.most, PACE_MS.forEach * delivered));
  let settlements: Settlement[] = [];
  const stored = new WeakMap<Settlement, () => void>();
  let pumping: Promise<void> | undefined;
  /* Both are taken at the same moment, so that the logs of what has ended leave before its end. */
  const flush = async (): Promise<void> => {
    const due = settlements.slice(0, MOST_SETTLEMENTS);
    await logs.deliverAll();
    const sizes = await sizesOf(due);
    for (const some of groupsOf(due, (one) => sizes.get(one) ?? 0, MOST_RESULTS)) await deliver.settlements(some);
    settlements = settlements.slice(due.length);
    delivered = Math.max(1, due.length);
    for (const one of due) stored.get(one)?.();
  };
  const pump = async (): Promise<void> => {
    for (let failures = 0; logs.chunks().length + settlements.length > 0 && !stopping.signal.aborted; ) {
      try {
        await pace();
        await nextTurn(); /* the last of a log is followed by its end in this turn: they leave together */
        await flush();
        failures = 0;
      } catch (error) {
        keeper.begin(messageOf(error), { chunks: logs.chunks(), settlements });
        await clock.sleep(backoffMs(failures++, LONGEST_PAUSE_MS, clock), stopping.signal);
      }
    }
    if (!stopping.signal.aborted) keeper.end();
    pumping = undefined;
  };
  const begin = (more: Backlog): void => {
    keeper.keep(more);
    pumping ??= pump();
  };
  return {
    log: async (chunk) => {
      while (!(logs.hasRoom() || stopping.signal.aborted)) await logs.moreRoom();
      logs.add(chunk);
      begin({ chunks: [chunk], settlements: [] });
    },
    settle: (settlement, onStored) => {
      if (onStored) stored.set(settlement, onStored);
      settlements.push(settlement);
      begin({ chunks: [], settlements: [settlement] });
    },
    holds: (execution) => settlements.some((one) => one.execution === execution),
    idle: async () => await pumping,
    waiting: { bytes: logs.bytes, settlements: () => settlements.length },
    stop: () => {
      stopping.abort();
      logs.wake();
    },
  };
}

interface Keeper {
  /** Keeps what has just come, while the database is away. */
  keep(more: Backlog): void;
  /** The database is away, and all of this waits. */
  begin(reason: string, backlog: Backlog): void;
  end(): void;
  isAway(): boolean;
}

/**
 * Makes a keeper, which writes to the spool while, and only while, the database is away. What a full disk does not take
 * is written when there is room.
 */
function createKeeper({ spool, logger, onSpoolLost }: KeeperDependencies): Keeper {
  let isAway = false;
  let unwritten: { chunks: LogChunk[]; settlements: Settlement[] } = { chunks: [], settlements: [] };
  let isLost = false;
  const flush = (): void => {
    if (!spool) return;
    try {
      spool.write(unwritten);
      unwritten = { chunks: [], settlements: [] };
      isLost = false;
    } catch (error) {
      if (!isLost) logger.warn('spool not written', { why: messageOf(error) });
      isLost = true;
      onSpoolLost(error);
    }
  };
  const keep = (more: Backlog): void => {
    if (!(isAway && spool)) return;
    unwritten.chunks.push(...more.chunks);
    unwritten.settlements.push(...more.settlements);
    if (!isLost) flush();
  };
  return {
    keep,
    begin: (reason, backlog) => {
      if (isAway) {
        if (isLost) flush();
        return;
      }
      isAway = true;
      logger.warn('results wait', { why: reason, spool: spool !== undefined });
      keep(backlog);
    },
    end: () => {
      if (!isAway) return;
      isAway = false;
      isLost = false;
      unwritten = { chunks: [], settlements: [] };
      logger.info('results delivered', {});
      spool?.clear();
    },
    isAway: () => isAway,
  };
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** The characters of the results, with turns for others between them. */
async function sizesOf(settlements: readonly Settlement[]): Promise<ReadonlyMap<Settlement, number>> {
  const turn = takeTurns();
  const sizes = new Map<Settlement, number>();
  for (const one of settlements) {
    sizes.set(one, JSON.stringify(one.verdict.result)?.length ?? 0);
    await turn();
  }
  return sizes;
}
