import { codeOf } from '#domain/errors.ts';
import { startTimer } from '#domain/timer.ts';
import { limitWorks } from '#domain/turns.ts';
import { Unavailable } from '#domain/unavailable.ts';
import { chooseHost, hasSeveralHosts } from './choose-host.ts';
import { openSessions, SEARCH_PATH, type Sql, stateOf } from './connect.ts';
import { describeEncoding } from './encoding.ts';
import { describeDatabase, explainDatabaseError, mayPass, READ_ONLY, wordOf } from './explain-error.ts';
import { isBehindPooler } from './find-pooler.ts';
import { inTransactionsOnly } from './in-transactions-only.ts';
import { noteQueries, type Query } from './note-queries.ts';

/**
 * A query without an answer for so long is given up, and cancelled at the server. The wait for a connection does not
 * count.
 */
const ANSWER_TIMEOUT_MS = 15_000;
/** A server that does not answer even a cancellation is gone, and so are the connections to it. */
const CANCEL_TIMEOUT_MS = 2000;
/** The seconds that queries under way have to end when their pool is replaced. */
const LEAVE_TIMEOUT_S = 5;
/**
 * Codes of troubles that sessions may keep after they are mended: the database can only be read; the schema may not be
 * used, so that its functions and tables are not found, which a session does not look up again when a role gets its
 * rights back.
 */
const kept: readonly string[] = [READ_ONLY, '3F000', '42883', '42P01'];

/**
 * The settings of every statement, whatever defaults the role or the database has. The server keeps the limits of time:
 * a process that was killed leaves no statement behind for ever.
 */
const settings = {
  search_path: SEARCH_PATH,
  statement_timeout: 20_000,
  lock_timeout: 10_000,
  idle_in_transaction_session_timeout: 15_000,
  jit: 'off' /* to compile a statement takes longer than any of these */,
  datestyle: 'ISO' /* the only style that the driver reads */,
  bytea_output: 'hex' /* so do logs come */,
  extra_float_digits: 1 /* numbers come whole */,
} as const;

/** Statements count on seeing what others have stored while they waited. */
const ISOLATION = 'read committed';
const ofSessions = { ...settings, default_transaction_isolation: ISOLATION } as const;
const ofTransactions = { ...settings, transaction_isolation: `'${ISOLATION}'` } as const;

/** A pool that is replaced when it does not answer, or when its sessions can only read. */
export interface Database extends AsyncDisposable {
  /**
   * Rejects with Unavailable for whatever may pass: no connection, no answer, a lock, a server that stops, a migration.
   */
  use<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
}

/** Opens a database, and finds out by itself whether a pooler such as PgBouncer is in between. */
export function openDatabase(url: string, connections: number): Database {
  const inTurn = limitWorks(connections);
  const isOneOfSeveral = hasSeveralHosts(url);
  let pool: Pool | undefined;
  let opening: Promise<Pool> | undefined;
  const open = async (isPooled: boolean): Promise<Pool> => {
    opening ??= chooseHost(url, stateOf)
      .then((host) => {
        pool = openPool(host, connections, isPooled);
        return pool;
      })
      .finally(() => {
        opening = undefined;
      });
    return await opening;
  };
  const leave = (old: Pool): void => {
    if (pool === old) pool = undefined;
    old.sql.end({ timeout: LEAVE_TIMEOUT_S }).catch(() => {}); /* it may be dead already */
  };
  let isPooled = false;
  const ready = async (): Promise<Pool> => {
    const current = pool ?? (await open(isPooled));
    if (current.isPooled || !(await current.finding())) return current;
    isPooled = true;
    leave(current);
    return await open(true);
  };
  const mustLeave = (error: unknown): boolean =>
    kept.includes(codeOf(error) ?? '') || (isOneOfSeveral && isOfConnection(error));
  const askInTime = async <T>(work: (sql: Sql) => Promise<T>): Promise<T> => {
    let asking: Pool | undefined;
    let query: Query | undefined;
    const ask = async (): Promise<T> => {
      asking = await ready();
      const noted = noteQueries(asking.sql, (one) => {
        query = one;
      });
      const answer = await work(asking.isPooled ? inTransactionsOnly(noted, ofTransactions) : noted);
      const flaw = describeEncoding(asking.sql);
      if (flaw !== undefined) throw new Error(flaw);
      return answer;
    };
    const deadline = startDeadline({
      cancel: () => query?.cancel(),
      giveUp: () => asking && leave(asking),
    });
    try {
      return await Promise.race([ask(), deadline.passed]);
    } catch (error) {
      if (asking && mustLeave(error)) leave(asking);
      throw deadline.isLate() ? tooLate(error, url) : explained(error, url);
    } finally {
      deadline.stop();
    }
  };
  return {
    use: (work) => inTurn(() => askInTime(work)),
    [Symbol.asyncDispose]: async () => {
      await opening?.catch(() => {}); /* whoever asked hears of it */
      await pool?.sql.end({ timeout: 1 });
    },
  };
}

function tooLate(error: unknown, url: string): Unavailable {
  return new Unavailable(`${describeDatabase(url)}: ${LATE}`, { cause: error });
}

/** The error as whoever can wait takes it: Unavailable if it may pass, else as it is. */
function explained(error: unknown, url: string): unknown {
  return mayPass(error)
    ? new Unavailable(explainDatabaseError(error, url), { cause: error, word: wordOf(error) })
    : error;
}

/** Tells whether an error is about the way to the server, or its end, rather than about a statement. */
function isOfConnection(error: unknown): boolean {
  return !/^(?=.*\d)(?!57P)[0-9A-Z]{5}$/.test(codeOf(error) ?? '');
}

interface Pool {
  readonly sql: Sql;
  readonly isPooled: boolean;
  /** Finds out whether the database is behind a pooler; asked once, and again after a failure. */
  finding(): Promise<boolean>;
}

function openPool(url: string, connections: number, isPooled: boolean): Pool {
  const sql = openSessions(url, { connections, parameters: isPooled ? undefined : ofSessions });
  let found: Promise<boolean> | undefined;
  return {
    sql,
    isPooled,
    finding: async () => {
      found ??= isBehindPooler(sql);
      try {
        return await found;
      } catch (error) {
        found = undefined;
        throw error;
      }
    },
  };
}

const LATE = `no answer within ${ANSWER_TIMEOUT_MS / 1000} s`;

interface Deadline {
  /** Rejects when even the cancellation was not answered. */
  readonly passed: Promise<never>;
  isLate(): boolean;
  stop(): void;
}

function startDeadline({ cancel, giveUp }: { cancel(): void; giveUp(): void }): Deadline {
  const passed = Promise.withResolvers<never>();
  let isLate = false;
  let timer = startTimer(ANSWER_TIMEOUT_MS, () => {
    isLate = true;
    cancel();
    timer = startTimer(CANCEL_TIMEOUT_MS, () => {
      giveUp();
      passed.reject(new Error(LATE));
    });
  });
  return { passed: passed.promise, isLate: () => isLate, stop: () => timer.stop() };
}
