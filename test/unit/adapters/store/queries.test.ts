import { expect, test } from 'bun:test';
import { createMethods, type Queries, type SyncQueries } from '#adapters/store/queries.ts';

interface Port {
  add(left: number, right: number): Promise<number>;
  greet(name?: string): Promise<string>;
}

interface Context {
  readonly base: number;
}

const queries: SyncQueries<Context, Port> = {
  add: ({ base }, left, right) => base + left + right,
  greet: (_, name = 'nobody') => `hello, ${name}`,
};

test('a method runs its query with what it works with and with its arguments', async () => {
  let runs = 0;
  const methods = createMethods(queries, async (query) => {
    runs += 1;
    return query({ base: 100 });
  });
  expect([await methods.add(1, 2), await methods.greet(), await methods.greet('ada')]).toEqual([
    103,
    'hello, nobody',
    'hello, ada',
  ]);
  expect(runs).toBe(3);
});

test('a query that fails is a method that rejects', async () => {
  const failing: Queries<Context, Pick<Port, 'add'>> = { add: () => Promise.reject(new Error('no row')) };
  const methods = createMethods(failing, async (query) => await query({ base: 0 }));
  await expect(methods.add(1, 2)).rejects.toThrow('no row');
});

test('a query that is missing, superfluous or of another type does not compile', () => {
  // @ts-expect-error: greet has no query
  const missing: SyncQueries<Context, Port> = { add: queries.add };
  // @ts-expect-error: no method has this name
  const superfluous: SyncQueries<Context, Port> = { ...queries, subtract: () => 0 };
  // @ts-expect-error: the method takes a number
  const argument: SyncQueries<Context, Port> = { ...queries, add: (_, left: string) => left.length };
  // @ts-expect-error: the method answers with a number
  const answer: SyncQueries<Context, Port> = { ...queries, add: () => 'three' };
  // @ts-expect-error: these queries work with something else
  const context: SyncQueries<Context, Port> = { ...queries, add: ({ other }: { other: number }) => other };
  // @ts-expect-error: queries of a database that answers later return promises
  const later: Queries<Context, Port> = queries;
  expect([missing, superfluous, argument, answer, context, later]).toHaveLength(6);
});
