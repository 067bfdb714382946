import { MOST_TIMEOUT_SECONDS } from './action.ts';

const SECONDS_IN: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 };

/** Reads a duration in seconds: `90`, `1.5`, `500ms`, `5m`, `1h30m`; undefined if the text is none, or not more than 0. */
export function secondsOf(text: string): number | undefined {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) > 0 ? Number(text) : undefined;
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(text)) return undefined;
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)];
  const seconds = parts.reduce((sum, [, number, unit = '']) => sum + Number(number) * (SECONDS_IN[unit] ?? 0), 0);
  return seconds > 0 ? seconds : undefined;
}

/** Reads the time limit of an execution in seconds. Undefined: the text is no duration, or one of more than a year. */
export function timeoutOf(text: string): number | undefined {
  const seconds = secondsOf(text);
  return seconds !== undefined && seconds <= MOST_TIMEOUT_SECONDS ? seconds : undefined;
}

/** What `--timeout` takes, for who gave something else. */
export const TIMEOUT_FORMS = 'expected seconds, or a duration such as 5m or 1h30m, of not more than a year (365d)';

/** The age of something as one number: `12s`, `5m`, `3h`, `2d`. */
export function ageOf(thenMs: number, nowMs: number): string {
  const seconds = Math.max(0, Math.floor((nowMs - thenMs) / 1000));
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)}m`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3600)}h` : `${Math.floor(seconds / 86_400)}d`;
}

/** How long something took, for people: `0.58 s`, `12.3 s`, `4m 10s`, `2h 3m`, `5d 7h`. */
export function durationText(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 9.995) return `${seconds.toFixed(2)} s`;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return inTwo(whole, 60, ['m', 's']);
  const minutes = Math.round(seconds / 60);
  return minutes < 24 * 60 ? inTwo(minutes, 60, ['h', 'm']) : inTwo(Math.round(seconds / 3600), 24, ['d', 'h']);
}

/** A number of the smaller of two units in both; the smaller one is left out where there are none of it. */
function inTwo(count: number, inLarge: number, [large, small]: readonly [string, string]): string {
  const rest = count % inLarge;
  return `${Math.floor(count / inLarge)}${large}${rest === 0 ? '' : ` ${rest}${small}`}`;
}
