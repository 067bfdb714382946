import { expect, test } from 'bun:test';
import { problemOf } from '#control-plane/api/problem.ts';
import { createTroubles } from '#control-plane/api/troubles.ts';
import { Unavailable } from '#domain/unavailable.ts';
import { createFakeClock } from '#test/support/fake-clock.ts';

const leaving = new AbortController().signal;
const hideSecrets = (text: string): string => text.replaceAll('the password', '***');

test('what a server says of itself to all is without its secrets', async () => {
  const troubles = await createTroubles({
    clock: createFakeClock(),
    store: { checkWritable: () => Promise.reject(new Unavailable('postgres://u:the password@h')) } as never,
    broker: { trouble: () => ({ word: 'broker', why: 'amqp://u:the password@h' }) } as never,
    files: { artifacts: undefined } as never,
    troubles: () => [{ word: 'missing', why: '/run/the password' }],
    hideSecrets,
    leaving,
  })();
  expect(troubles.map((one) => one.why)).toEqual(['postgres://u:***@h', 'amqp://u:***@h', '/run/***']);
});

test('a database that does not answer is one trouble, whoever has noticed it', async () => {
  const silence = { word: 'database', why: 'the database has not answered for 4 s' } as const;
  const deps = {
    clock: createFakeClock(),
    broker: { trouble: () => undefined } as never,
    files: { artifacts: undefined } as never,
    troubles: () => [silence, { word: 'missing', why: 'a place' }] as const,
    hideSecrets,
    leaving,
  };
  const away = { checkWritable: () => Promise.reject(new Unavailable('away')) } as never;
  const wordsOf = async (store: typeof away) =>
    (await createTroubles({ ...deps, store })()).map((one) => `${one.word}: ${one.why}`);
  expect(await wordsOf(away)).toEqual(['database: away', 'missing: a place']);
  expect(await wordsOf({ checkWritable: async () => {} } as never)).toEqual([
    `database: ${silence.why}`,
    'missing: a place',
  ]);
});

test('errors that an answer tells are without the secrets of the server', async () => {
  for (const error of [new Error('why: the password'), new Unavailable('why: the password')])
    expect(await problemOf(error, hideSecrets).response(undefined).text()).toContain('why: ***');
});

test('the database is asked once in a second, and once at a time, however many ask for the health', async () => {
  const clock = createFakeClock();
  const questions: PromiseWithResolvers<void>[] = [];
  const find = createTroubles({
    clock,
    store: {
      checkWritable: () => {
        const question = Promise.withResolvers<void>();
        questions.push(question);
        return question.promise;
      },
    } as never,
    broker: { trouble: () => undefined } as never,
    files: { artifacts: undefined } as never,
    troubles: () => [],
    hideSecrets,
    leaving,
  });
  const many = Array.from({ length: 1000 }, find);
  await clock.advance(1500);
  many.push(find());
  expect(questions).toHaveLength(1);
  questions[0]?.resolve();
  expect((await Promise.all(many)).flat()).toEqual([]);
  await clock.advance(900);
  await find();
  expect(questions).toHaveLength(1);
  await clock.advance(200);
  const next = find();
  expect(questions).toHaveLength(2);
  questions[1]?.reject(new Unavailable('away'));
  expect(await next).toEqual([{ word: 'database', why: 'away' }]);
});

test('a server that was told to stop is draining at once, though the last answer is fresh', async () => {
  const stop = new AbortController();
  const find = createTroubles({
    clock: createFakeClock(),
    store: { checkWritable: async () => {} } as never,
    broker: { trouble: () => undefined } as never,
    files: { artifacts: undefined } as never,
    troubles: () => [],
    hideSecrets,
    leaving: stop.signal,
  });
  expect(await find()).toEqual([]);
  stop.abort();
  expect((await find()).map((one) => one.word)).toEqual(['draining']);
});
