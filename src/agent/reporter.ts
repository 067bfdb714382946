import type { Clock } from '#domain/clock.ts';
import { messageOf } from '#domain/errors.ts';
import type { LogChunk } from '#domain/log.ts';
import type { AgentStore, Settlement } from '#domain/store.ts';
import { Unavailable } from '#domain/unavailable.ts';
import type { Relay } from '#outbox/relay.ts';
import { backoffMs } from './backoff.ts';
import type { Reach } from './fault-point.ts';
import type { Spool } from './spool.ts';

/** In one statement. */
const MOST_CHUNKS = 500;
const MOST_BYTES = 4 * 1024 * 1024;
const MOST_SETTLEMENTS = 200;

/** Takes logs and results to the database, in order, in batches, however long it is away. */
export interface Reporter {
  /** Resolves at once, or, when more than the limit waits already, once there is room again. */
  log(chunk: LogChunk): Promise<void>;
  /** After all that its execution has logged. */
  settle(settlement: Settlement): void;
  /** Resolves when nothing waits any more. */
  idle(): Promise<void>;
  /** Undefined: the database takes what it is given. */
  problem(): string | undefined;
  readonly waiting: { bytes(): number; settlements(): number };
  /** Gives up on what waits: the agent ends. It stays in the spool, where there is one. */
  stop(): void;
}

interface ReporterParts {
  readonly store: AgentStore;
  readonly relay: Relay;
  readonly clock: Clock;
  readonly reach: Reach;
  readonly spool: Spool | undefined;
  /** Bytes of logs that may wait in memory; then actions that write more wait too. */
  readonly limitBytes: number;
  report(event: string, details: Readonly<Record<string, unknown>>): void;
}

export function createReporter(parts: ReporterParts): Reporter {
  const { store, relay, clock, reach, spool, limitBytes, report } = parts;
  const stopping = new AbortController();
  let chunks: LogChunk[] = [];
  let settlements: Settlement[] = [];
  let bytes = 0;
  let problem: string | undefined;
  let isSpooling = false;
  let pumping: Promise<void> | undefined;
  let room = Promise.withResolvers<void>();
  const keep = (backlog: { chunks: readonly LogChunk[]; settlements: readonly Settlement[] }): void => {
    if (!(isSpooling && spool)) return;
    try {
      spool.write(backlog);
    } catch (error) {
      report('spool not written', { error: messageOf(error) });
    }
  };
  /* Logs that were there before a settlement leave before it: both are taken at the same moment. */
  const flush = async (): Promise<void> => {
    const due = settlements.slice(0, MOST_SETTLEMENTS);
    for (let left = chunks.length; left > 0; ) {
      const batch = takeBatch(chunks.slice(0, left));
      await attempt(batch, (some) => store.appendLogs(some), ignore);
      chunks = chunks.slice(batch.length);
      left -= batch.length;
      bytes -= batch.reduce((sum, one) => sum + one.data.length, 0);
      room.resolve();
      room = Promise.withResolvers();
    }
    await attempt(due, settleAll, async (refused, reason) => await settleAll([unstorable(refused, reason)]));
    settlements = settlements.slice(due.length);
  };
  const settleAll = async (some: readonly Settlement[]): Promise<void> => {
    const { messages } = await store.settle(some);
    reach('settled');
    relay.publish(messages);
  };
  /* A batch that the database refuses is tried one by one, so that one bad item does not hold up the rest. */
  const attempt = async <T>(
    items: readonly T[],
    write: (items: readonly T[]) => Promise<void>,
    refuse: (item: T, reason: string) => Promise<void>,
  ): Promise<void> => {
    if (items.length === 0) return;
    try {
      await write(items);
    } catch (error) {
      if (error instanceof Unavailable) throw error;
      const [first] = items;
      if (items.length > 1) for (const item of items) await attempt([item], write, refuse);
      else if (first !== undefined) {
        report('refused by the database', { error: messageOf(error) });
        await refuse(first, messageOf(error));
      }
    }
  };
  const becomeSpooling = (reason: string): void => {
    if (problem === undefined) report('database away', { reason });
    problem = reason;
    if (isSpooling) return;
    isSpooling = true;
    keep({ chunks, settlements });
  };
  const pump = async (): Promise<void> => {
    await Promise.resolve();
    for (let failures = 0; (chunks.length > 0 || settlements.length > 0) && !stopping.signal.aborted; ) {
      try {
        await flush();
        failures = 0;
        if (problem !== undefined) report('database back', {});
        problem = undefined;
      } catch (error) {
        becomeSpooling(messageOf(error));
        await clock.sleep(backoffMs(failures++, clock.random()), stopping.signal);
      }
    }
    if (isSpooling && !stopping.signal.aborted) {
      isSpooling = false;
      spool?.clear();
    }
  };
  const start = (): void => {
    pumping ??= pump().finally(() => {
      pumping = undefined;
    });
  };
  return {
    log: async (chunk) => {
      while (bytes > limitBytes && !stopping.signal.aborted) await room.promise;
      chunks.push(chunk);
      bytes += chunk.data.length;
      keep({ chunks: [chunk], settlements: [] });
      start();
    },
    settle: (settlement) => {
      settlements.push(settlement);
      keep({ chunks: [], settlements: [settlement] });
      start();
    },
    idle: async () => {
      while (pumping) await pumping;
    },
    problem: () => problem,
    waiting: { bytes: () => bytes, settlements: () => settlements.length },
    stop: () => {
      stopping.abort();
      room.resolve();
    },
  };
}

async function ignore(): Promise<void> {}

/** A result that the database refuses is a failure with that reason: its execution must end all the same. */
function unstorable(settlement: Settlement, reason: string): Settlement {
  const result = { succeeded: false, error: `its result could not be stored: ${reason}` };
  return { ...settlement, verdict: { kind: 'final', status: 'failed', result } };
}

function takeBatch(chunks: readonly LogChunk[]): readonly LogChunk[] {
  let bytes = 0;
  const end = chunks.findIndex((chunk, n) => n >= MOST_CHUNKS || (n > 0 && (bytes += chunk.data.length) > MOST_BYTES));
  return end === -1 ? chunks : chunks.slice(0, end);
}
