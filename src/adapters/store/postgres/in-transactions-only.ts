import type { Sql } from './connect.ts';

type Settings = Readonly<Record<string, string | number>>;

/**
 * Makes of a pool one whose statements all run in transactions, each of which begins with these settings, because
 * behind a pooler nothing else of a session belongs to one process.
 */
export function inTransactionsOnly(sql: Sql, settings: Settings): Sql {
  const assignments = Object.entries(settings).map(([name, value]) => `SET LOCAL ${name} = ${value}`);
  const begin = async (work: (transaction: Sql) => unknown): Promise<unknown> => {
    const answer = await sql.begin(async (transaction) => {
      await transaction.unsafe(assignments.join('; '));
      return { value: await work(transaction as unknown as Sql) }; /* a transaction has all that a statement needs */
    });
    return answer.value;
  };
  return new Proxy(sql, {
    apply: (target, self, args) => {
      const made: unknown = Reflect.apply(target, self, args);
      return isStatement(made)
        ? withStart(made, () => begin((transaction) => Reflect.apply(transaction, self, args)))
        : made;
    },
    get: (target, name, receiver) => (name === 'begin' ? begin : Reflect.get(target, name, receiver)),
  });
}

function isStatement(made: unknown): made is Promise<unknown> {
  return made instanceof Promise;
}

/** The statement, which is started by `start` when it is awaited; part of another statement, it is never started. */
function withStart(statement: Promise<unknown>, start: () => Promise<unknown>): Promise<unknown> {
  let started: Promise<unknown> | undefined;
  const startOnce = (): Promise<unknown> => {
    started ??= start();
    return started;
  };
  return Object.assign(statement, {
    // biome-ignore lint/suspicious/noThenProperty: the statement is a promise that starts when somebody waits for it
    then: (...args: Parameters<Promise<unknown>['then']>) => startOnce().then(...args),
    catch: (...args: Parameters<Promise<unknown>['catch']>) => startOnce().catch(...args),
    finally: (...args: Parameters<Promise<unknown>['finally']>) => startOnce().finally(...args),
  });
}
