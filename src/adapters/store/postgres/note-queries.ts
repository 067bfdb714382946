import type { Sql } from './connect.ts';

/** A query that can be ended. */
export interface Query {
  /** Asks the server to cancel it; whether it does shows when the query rejects. */
  cancel(): void;
}

/** Wraps a pool or a transaction so that `onQuery` is shown every query when it is made. */
export function noteQueries(sql: Sql, onQuery: (query: Query) => void): Sql {
  const note = <T>(made: T): T => {
    if (isQuery(made)) onQuery({ cancel: () => void made.canceller?.(made)?.catch(() => {}) });
    return made;
  };
  return new Proxy(sql, {
    apply: (target, self, args) => note(Reflect.apply(target, self, args)),
    get: (target, name, receiver) => {
      const value: unknown = Reflect.get(target, name, receiver);
      if (name === 'begin' || name === 'savepoint')
        return (work: (inner: Sql) => unknown) =>
          Reflect.apply(value as Sql['begin'], target, [(inner: unknown) => work(noteQueries(inner as Sql, onQuery))]);
      if (name === 'unsafe')
        return (...args: unknown[]) => note(Reflect.apply(value as Sql['unsafe'], target, args as [string]));
      return value;
    },
  });
}

/**
 * A query of the driver. Its own `cancel` leaves the failure of a cancellation to nobody, which would end the process;
 * the function behind it returns a promise.
 */
interface CancellableQuery {
  readonly canceller: ((query: unknown) => Promise<void> | undefined) | null;
}

function isQuery(made: unknown): made is CancellableQuery {
  return typeof made === 'object' && made !== null && 'canceller' in made;
}
