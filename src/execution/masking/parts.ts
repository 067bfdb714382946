import { textsIn } from '#domain/secret-bounds.ts';
import { userInfoOf } from './user-info.ts';

/** Lines of a value of several lines, and members of one in JSON, are masked by themselves from this length on. */
const LEAST_PART = 8;

/** What is secret by itself of a secret: users and passwords of URLs, the members of JSON, and lines, also trimmed. */
export function partsOf(value: string): readonly string[] {
  const members = membersOf(value);
  return [
    ...userInfoOf(value),
    ...members.flatMap((one) => [one, ...userInfoOf(one), ...linesOf(one)]),
    ...linesOf(value),
  ];
}

/** The texts and numbers in an object or list that a value is in JSON, if they are long enough. */
function membersOf(value: string): readonly string[] {
  if (!/^\s*[{[]/.test(value)) return [];
  try {
    return textsIn(JSON.parse(value)).filter((one) => one.trim().length >= LEAST_PART);
  } catch {
    return []; /* it is no JSON, or nested so deeply that nobody reads it */
  }
}

/** The lines of a value of several lines that are long enough, also trimmed. */
function linesOf(value: string): readonly string[] {
  const lines = value.split(/\r?\n/);
  if (lines.length < 2) return [];
  return lines.filter((line) => line.trim().length >= LEAST_PART).flatMap((line) => [...new Set([line, line.trim()])]);
}
