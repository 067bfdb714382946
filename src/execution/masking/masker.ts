import { maskBytes } from './mask-bytes.ts';
import { createMatcher, type Matcher } from './matcher.ts';
import { spellingsOf } from './spellings.ts';
import { createWrappedMasker, type WrappedMasker } from './wrapped.ts';

/** Values that an action may add; more are not masked, and the log says so. */
const MOST_ADDED = 1000;
/** A masker, which knows the secrets of one execution. */
export interface Masker {
  /** Finds the spellings of secrets that stand in one piece. */
  matcher(): Matcher;
  /** Finds the encodings of secrets that line breaks divide. */
  wrapped(): WrappedMasker;
  /**
   * Adds a secret of any JSON type; false if there are too many. A value that is too short to be masked is no secret.
   */
  add(value: unknown): boolean;
  /** Masks the secrets in a text. */
  text(text: string): string;
  /** Masks the secrets in any JSON value, in its keys too. */
  value<Value>(value: Value): Value;
}

/**
 * Makes a masker of secrets, which are values of any JSON type: of an object or an array all texts in it are secret.
 */
export function createMasker(secrets: readonly unknown[]): Masker {
  const texts = new Set<string>();
  const encoded = new Set<string>();
  let matcher: Matcher | undefined;
  let wrapped: WrappedMasker | undefined;
  let added = 0;
  const learn = (values: readonly unknown[]): void => {
    for (const spellings of values.flatMap(textsIn).map(spellingsOf)) {
      for (const one of spellings.texts) texts.add(one);
      for (const one of spellings.encoded) encoded.add(one);
    }
    matcher = undefined;
    wrapped = undefined;
  };
  learn(secrets);
  const currentMatcher = (): Matcher => {
    matcher ??= createMatcher([...texts]);
    return matcher;
  };
  const currentWrapped = (): WrappedMasker => {
    wrapped ??= createWrappedMasker([...encoded]);
    return wrapped;
  };
  const text = (whole: string): string => {
    if (texts.size === 0) return whole;
    const bytes = Buffer.concat(currentWrapped().mask(Buffer.from(whole, 'utf8'), false).shown);
    const shown: Uint8Array[] = [];
    maskBytes(currentMatcher(), { bytes, masked: 0, isOpen: false }, shown);
    return Buffer.concat(shown).toString('utf8');
  };
  const value = (whole: unknown): unknown => {
    if (texts.size === 0) return whole;
    if (typeof whole === 'string') return text(whole);
    if (typeof whole === 'number' || typeof whole === 'bigint') return maskedNumber(whole, text);
    if (Array.isArray(whole)) return whole.map(value);
    if (typeof whole !== 'object' || whole === null) return whole;
    return Object.fromEntries(Object.entries(whole).map(([key, one]) => [text(key), value(one)]));
  };
  return {
    matcher: currentMatcher,
    wrapped: currentWrapped,
    add: (one) => {
      if (added >= MOST_ADDED) return false;
      added++;
      learn([one]);
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
