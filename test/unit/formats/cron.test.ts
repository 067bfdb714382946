import { expect, test } from 'bun:test';
import { flawsOfCron, nextTimes } from '#formats/cron.ts';

type Given = readonly [cron: string, timeZone: string, after: string, count: number];

const times = (...[cron, timeZone, after, count]: Given): readonly string[] =>
  nextTimes({ cron, timeZone }, Date.parse(after), count).map((time) => new Date(time).toISOString().slice(0, 16));

test('where clocks go forward a time that does not exist is at the end of the gap', () => {
  expect(times('30 2 * * *', 'Europe/Berlin', '2026-03-28T12:00:00Z', 2)).toEqual([
    '2026-03-29T01:00',
    '2026-03-30T00:30',
  ]);
  expect(times('15 0 * * *', 'America/Sao_Paulo', '2018-11-03T12:00:00Z', 2)).toEqual([
    '2018-11-04T03:00',
    '2018-11-05T02:15',
  ]);
});

test('where clocks go back a time of the day comes once, and each minute of the hours comes twice', () => {
  expect(times('30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00:00Z', 2)).toEqual([
    '2026-10-25T00:30',
    '2026-10-26T01:30',
  ]);
  expect(times('30 * * * *', 'Europe/Berlin', '2026-10-24T23:45:00Z', 3)).toEqual([
    '2026-10-25T00:30',
    '2026-10-25T01:30',
    '2026-10-25T02:30',
  ]);
});

test('days of the month, leap years and words are known', () => {
  expect(times('0 0 29 2 *', 'UTC', '2026-10-24T00:00:00Z', 2)).toEqual(['2028-02-29T00:00', '2032-02-29T00:00']);
  expect(times('0 9 L * *', 'Asia/Kolkata', '2026-02-01T00:00:00Z', 1)).toEqual(['2026-02-28T03:30']);
  expect(times('@weekly', 'UTC', '2026-10-24T00:00:00Z', 1)).toEqual(['2026-10-25T00:00']);
});

test('what has no times, no minutes or no zone is refused with its place', () => {
  const flaw = (cron: string, timeZone = 'UTC') => flawsOfCron({ cron, timeZone })[0]?.path;
  for (const cron of [
    '',
    '61 * * * *',
    '* * * * * *',
    '*/0 * * * *',
    '0 0 30 2 *',
    '@reboot',
    '2030-01-01T00:00:00',
    'a b c d e',
    ' * * * *',
    `${'1,'.repeat(200)}1 * * * *`,
  ])
    expect([cron, flaw(cron)]).toEqual([cron, 'cron']);
  expect(flawsOfCron({ cron: '61 * 1-40 feb mon#9', timeZone: 'UTC' })[0]?.message).toBe(
    "'61 * 1-40 feb mon#9': the minute is '61', expected 0 to 59, a list such as 1,2, a range such as 1-5, a step such as */5, or *; the day of the month is '1-40', expected 1 to 31, or L for the last one, a list such as 1,2, a range such as 1-5, a step such as */5, or *; the day of the week is 'mon#9', expected 0 to 7, or sun to sat, a list such as 1,2, a range such as 1-5, a step such as */5, or *",
  );
  for (const zone of ['', 'Mars/Crater', 'x'.repeat(1000)]) expect(flaw('@daily', zone)).toBe('time_zone');
  for (const cron of ['* * * * *', '@hourly', '0 12 * * MON-FRI', '0 0 1,15 * 3']) expect(flaw(cron)).toBeUndefined();
});

test('an expression and a zone that are both wrong are both named, and a mistyped word is guessed', () => {
  const both = flawsOfCron({ cron: '@dayly', timeZone: 'Europa/Berlin' });
  expect(both.map(({ path }) => path)).toEqual(['cron', 'time_zone']);
  expect(both[0]?.message).toEndWith('did you mean @daily?');
});
