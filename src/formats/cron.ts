import { Cron } from 'croner';
import { nearest } from '#domain/nearest.ts';

const MOST_CHARACTERS = 200;
/** Five fields: minutes are the shortest step. The library would take seconds, years and dates too. */
const FIVE_FIELDS = /^\S+( +\S+){4}$/;
const WORDS = ['hourly', 'daily', 'midnight', 'weekly', 'monthly', 'yearly', 'annually'].map((one) => `@${one}`);

/** A cron expression, and the time zone of its hours. */
export interface CronTimes {
  readonly cron: string;
  readonly timeZone: string;
}

interface CronFlaw {
  readonly path: 'cron' | 'time_zone';
  readonly message: string;
}

/** Says what is wrong with a cron expression and with its time zone; nothing if it has times. */
export function flawsOfCron({ cron, timeZone }: CronTimes): readonly CronFlaw[] {
  const zone = isTimeZone(timeZone) ? timeZone : undefined;
  const message = flawOfExpression({ cron, timeZone: zone ?? 'UTC' });
  return [
    ...(message === undefined
      ? []
      : [{ path: 'cron' as const, message: `'${cron.slice(0, MOST_CHARACTERS)}': ${message}` }]),
    ...(zone === undefined
      ? [
          {
            path: 'time_zone' as const,
            message: `'${timeZone.slice(0, MOST_CHARACTERS)}' is no time zone (example: Europe/Berlin)`,
          },
        ]
      : []),
  ];
}

/** Says what is wrong with a cron expression alone; undefined if it has times. */
export function flawOfExpression({ cron, timeZone }: CronTimes): string | undefined {
  if (cron.length > MOST_CHARACTERS) return `longer than ${MOST_CHARACTERS} characters`;
  if (!(FIVE_FIELDS.test(cron) || WORDS.includes(cron.toLowerCase()))) {
    const near = cron.startsWith('@') ? nearest(cron.toLowerCase(), WORDS) : undefined;
    const hint = near === undefined ? '' : `; did you mean ${near}?`;
    return `expected five fields (minute, hour, day, month, day of the week), or @hourly, @daily, @weekly, @monthly, @yearly${hint}`;
  }
  try {
    return nextTimes({ cron, timeZone }, Date.now(), 1).length > 0 ? undefined : 'this time never comes';
  } catch {
    return flawOfFields(cron);
  }
}

const FIELDS: readonly (readonly [name: string, values: string])[] = [
  ['minute', '0 to 59'],
  ['hour', '0 to 23'],
  ['day of the month', '1 to 31, or L for the last one'],
  ['month', '1 to 12, or jan to dec'],
  ['day of the week', '0 to 7, or sun to sat'],
];

/** Says which field of an expression cannot be read, and what it may be. */
function flawOfFields(cron: string): string {
  const fields = cron.split(/ +/);
  const isReadable = (at: number): boolean => {
    try {
      return new Cron(FIELDS.map((_, n) => (n === at ? fields[n] : '*')).join(' '), { paused: true }) !== undefined;
    } catch {
      return false;
    }
  };
  const wrong = FIELDS.flatMap(([name, values], at) =>
    isReadable(at)
      ? []
      : [
          `the ${name} is '${fields[at]}', expected ${values}, a list such as 1,2, a range such as 1-5, a step such as */5, or *`,
        ],
  );
  return wrong.join('; ') || 'no times can be read from it';
}

/**
 * The next times after a moment, in milliseconds since 1970. Where clocks go forward, a time that does not exist is at the
 * end of the gap; where they go back, an hour that is named comes once.
 */
export function nextTimes({ cron, timeZone }: CronTimes, after: number, count: number): readonly number[] {
  return new Cron(cron, { timezone: timeZone, paused: true })
    .nextRuns(count, new Date(after))
    .map((time) => time.getTime());
}

/** Whether there is a time zone of that name. */
export function isTimeZone(name: string): boolean {
  try {
    return name.length <= MOST_CHARACTERS && new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}
