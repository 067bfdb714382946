import type { Parameters } from '#domain/action.ts';

/** Characters of parameters and of a schema that are read within milliseconds. */
const SMALL_PARAMETERS = 4 * 1024;
const SMALL_SCHEMA = 8 * 1024;
/** Characters of parameters times those of a schema, with its repetitions written out, that are compared in some milliseconds. */
const SMALL_WORK = 32_000_000;
/** RE2 takes no more repetitions of repetitions. */
const MOST_REPETITIONS = 1000;

const PATTERN = /"pattern":"((?:[^"\\]|\\.)*)"/g;
const REPETITION = /\{(\d+)(?:,(\d*))?\}/g;

/**
 * Tells whether parameters are certain to be checked against a schema within milliseconds. Parts that a schema names by
 * `$ref` may be looked at twice for each level of them, so of those nothing is certain.
 */
export function isCheckedSoon(given: Parameters, schema: unknown): boolean {
  const parameters = JSON.stringify(given);
  if (parameters.length > SMALL_PARAMETERS) return false;
  const text = JSON.stringify(schema) ?? '';
  if (text.length > SMALL_SCHEMA || text.includes('"$ref"')) return false;
  const patterns = Array.from(text.matchAll(PATTERN), ([, pattern = '']) => sizeOfPattern(pattern));
  return parameters.length * patterns.reduce((sum, size) => sum + size, text.length) <= SMALL_WORK;
}

/** The most characters that a pattern has with its repetitions written out. */
function sizeOfPattern(pattern: string): number {
  const counts = Array.from(pattern.matchAll(REPETITION), ([, least, most]) => Math.max(1, Number(most || least)));
  return (
    pattern.length *
    Math.min(
      MOST_REPETITIONS,
      counts.reduce((product, count) => product * count, 1),
    )
  );
}
