import { expect, test } from 'bun:test';
import { problemOf } from '#control-plane/api/problem.ts';
import { findTroubles } from '#control-plane/api/troubles.ts';
import { Unavailable } from '#domain/unavailable.ts';
import { createFakeClock } from '#test/support/fake-clock.ts';

const hideSecrets = (text: string): string => text.replaceAll('the password', '***');

test('what a server says of itself to all is without its secrets', async () => {
  const troubles = await findTroubles({
    clock: createFakeClock(),
    store: { checkWritable: () => Promise.reject(new Unavailable('postgres://u:the password@h')) } as never,
    broker: { trouble: () => ({ word: 'broker', why: 'amqp://u:the password@h' }) } as never,
    files: { artifacts: undefined } as never,
    troubles: () => [{ word: 'missing', why: '/run/the password' }],
    hideSecrets,
  });
  expect(troubles.map((one) => one.why)).toEqual(['postgres://u:***@h', 'amqp://u:***@h', '/run/***']);
});

test('errors that an answer tells are without the secrets of the server', async () => {
  for (const error of [new Error('why: the password'), new Unavailable('why: the password')])
    expect(await problemOf(error, hideSecrets).response(undefined).text()).toContain('why: ***');
});
