import { maskBytes } from './mask-bytes.ts';
import { createMatcher, type Matcher } from './matcher.ts';
import { spellingsOf } from './spellings.ts';

/** Values that an action may add; more are not masked, and the log says so. */
const MOST_ADDED = 1000;
/** Knows the secrets of one execution. */
export interface Masker {
  /** Everything that is to be found: the spellings of secrets. */
  matcher(): Matcher;
  /** A value of any JSON type. False: too many. What is too short to be masked is none. */
  add(value: unknown): boolean;
  /** A text without them. */
  text(text: string): string;
  /** Any JSON value without them, in keys too. */
  value<Value>(value: Value): Value;
}

/** `secrets`: values of any JSON type; of objects and arrays all that is in them. */
export function createMasker(secrets: readonly unknown[]): Masker {
  const spellings = new Set(secrets.flatMap(textsIn).flatMap(spellingsOf));
  let matcher: Matcher | undefined;
  let added = 0;
  const current = (): Matcher => {
    matcher ??= createMatcher([...spellings]);
    return matcher;
  };
  const text = (whole: string): string => {
    if (spellings.size === 0) return whole;
    const bytes = Buffer.from(whole, 'utf8');
    const shown: Uint8Array[] = [];
    maskBytes(current(), { bytes, masked: 0, isOpen: false }, shown);
    return shown.length <= 1 && shown[0]?.length === bytes.length ? whole : Buffer.concat(shown).toString('utf8');
  };
  const value = (whole: unknown): unknown => {
    if (spellings.size === 0) return whole;
    if (typeof whole === 'string') return text(whole);
    if (typeof whole === 'number' || typeof whole === 'bigint') return maskedNumber(whole, text);
    if (Array.isArray(whole)) return whole.map(value);
    if (typeof whole !== 'object' || whole === null) return whole;
    return Object.fromEntries(Object.entries(whole).map(([key, one]) => [text(key), value(one)]));
  };
  return {
    matcher: current,
    add: (one) => {
      if (added >= MOST_ADDED) return false;
      added++;
      for (const spelling of textsIn(one).flatMap(spellingsOf)) spellings.add(spelling);
      matcher = undefined;
      return true;
    },
    text,
    value: <Value>(whole: Value) => value(whole) as Value,
  };
}

function maskedNumber(number: number | bigint, text: (text: string) => string): unknown {
  const masked = text(String(number));
  return masked === String(number) ? number : masked;
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value === 'number' || typeof value === 'bigint') return [String(value)];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}
