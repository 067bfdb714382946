/**
 * The queries behind the methods of a port, by the names of the methods. Each takes what it works with, then the
 * arguments of its method. A port whose method has no query does not compile, nor does a query of another type than its
 * method.
 */
export type Queries<Context, Port> = {
  readonly [Name in keyof Port]: (context: Context, ...args: ArgumentsOf<Port[Name]>) => Promise<AnswerOf<Port[Name]>>;
};

/** Queries for a database that answers at once. */
export type SyncQueries<Context, Port> = {
  readonly [Name in keyof Port]: (context: Context, ...args: ArgumentsOf<Port[Name]>) => AnswerOf<Port[Name]>;
};

type ArgumentsOf<Method> = Method extends (...args: infer Arguments) => unknown ? Arguments : never;
type AnswerOf<Method> = Method extends (...args: never) => Promise<infer Answer> ? Answer : never;

/**
 * Runs the query of the method of that name with what it works with: a connection, a transaction, the owner of the
 * caller's workers.
 */
export type Run<Context> = (query: (context: Context) => unknown, name: string) => Promise<unknown>;

/** The methods of a port, each of which runs its query. */
export function createMethods<Context, Port>(
  queries: Queries<Context, Port> | SyncQueries<Context, Port>,
  run: Run<Context>,
): Port {
  type AnyQuery = (context: Context, ...args: readonly unknown[]) => unknown;
  /* The types of Queries say that each method has its query; TypeScript cannot follow this through the loop. */
  const methods = Object.entries(queries as Readonly<Record<string, AnyQuery>>).map(
    ([name, query]) =>
      [name, (...args: readonly unknown[]) => run((context) => query(context, ...args), name)] as const,
  );
  return Object.fromEntries(methods) as Port;
}
