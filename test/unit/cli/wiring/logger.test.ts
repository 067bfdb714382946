import { afterEach, expect, spyOn, test } from 'bun:test';
import { openLogger } from '#cli/wiring/logger.ts';
import type { Config } from '#config/schema.ts';

const written: string[] = [];
const spy = spyOn(process.stderr, 'write');
spy.mockImplementation((text) => written.push(String(text)) > 0);
afterEach(() => written.splice(0));

const open = (log: Config['log'], more: object = {}) =>
  openLogger({ log, database: {}, message_queue: {}, security: {}, agent: {}, ...more } as unknown as Config);

test('each level shows itself and what is worse', () => {
  const shown = (level: Config['log']['level']): readonly string[] => {
    const logger = open({ level, format: 'json' });
    for (const one of ['debug', 'info', 'warn', 'error'] as const) logger[one](`an event of ${one}`, {});
    return written.splice(0).map((line) => (JSON.parse(line) as { level: string }).level);
  };
  expect(shown('trace')).toEqual(['debug', 'info', 'warn', 'error']);
  expect(shown('debug')).toEqual(['debug', 'info', 'warn', 'error']);
  expect(shown('info')).toEqual(['info', 'warn', 'error']);
  expect(shown('warn')).toEqual(['warn', 'error']);
  expect(shown('error')).toEqual(['error']);
  expect(shown('off')).toEqual([]);
});

test('a line of JSON has the time, the level, the event and its details; one of text has no level', () => {
  open({ level: 'info', format: 'json' }).info('execution ended', { execution: '7', duration_ms: 12 });
  expect(JSON.parse(written[0] ?? '')).toEqual({
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    ...{ level: 'info', event: 'execution ended', execution: '7', duration_ms: 12 },
  });
  open({ level: 'info', format: 'text' }).info('execution ended', { execution: '7', duration_ms: 12 });
  expect(written[1]).toMatch(/Z\S* execution ended .*execution=.*7 .*duration_ms=.*12\n$/);
});

test('secrets of the settings are masked at every level', () => {
  const logger = open({ level: 'debug', format: 'json' }, { api_token: 'very-secret-token' });
  logger.debug('request', { path: '/very-secret-token' });
  logger.error('request failed', { why: 'very-secret-token' });
  expect(written.join('')).not.toContain('very-secret');
  expect(written).toHaveLength(2);
});

test('JSON has no character that steers a terminal, and says the same', () => {
  const name = 'a\u007f\u009b31m\u009d0;title\u0085\u202e\u2066\u200f\u2028\u001b[2J';
  open({ level: 'info', format: 'json' }).info('pack loaded', { name, [name]: 1 });
  expect(written[0]).toMatch(/^[\x20-\x7e]+\n$/);
  expect(JSON.parse(written[0] ?? '')).toMatchObject({ name, [name]: 1 });
});
