import { textsIn } from '#domain/secret-bounds.ts';
import { takeTurns } from '#domain/turns.ts';
import { atOnce, inTurns, openPieces, type Patterns, piecesOf } from './mask-pieces.ts';
import { maskValue } from './mask-value.ts';
import { createMatcher, type Matcher } from './matcher.ts';
import { MOST_LINES, type Spellings, spellingsOf } from './spellings.ts';
import { createWrappedMasker, type WrappedMasker } from './wrapped.ts';

/** Values that an action may add, and their bytes; more are not masked, and the log says so. */
const MOST_ADDED = 1000;
const MOST_ADDED_BYTES = 256 * 1024;
/** Spellings that are learned at once, and their characters; more would keep others from their turns. */
const SPELLINGS_AT_ONCE = 500;
const CHARACTERS_AT_ONCE = 256 * 1024;

/** A masker, which knows the secrets of one execution. */
export interface Masker extends Patterns {
  /**
   * Adds a secret that an action names; false if there are too many. A value that is too short to be masked is no
   * secret.
   */
  add(value: string): boolean;
  /** Adds a secret as `add` does, and yields whenever others should have their turn. */
  adding(value: string): Generator<undefined, boolean>;
  /** Adds secrets of any JSON type, however many and long. */
  learn(values: readonly unknown[]): Promise<void>;
  /** A masker of the same secrets; what it learns besides is its own. */
  fork(): Masker;
  /** Masks the secrets in a short text. */
  text(text: string): string;
  /** Masks the secrets in any JSON value, in its keys too. */
  value<Value>(value: Value): Promise<Value>;
}

/**
 * Makes a masker of secrets, which are values of any JSON type: of an object or an array all texts in it are secret.
 */
export function createMasker(secrets: readonly unknown[] = []): Masker {
  const nothing = { matcher: createMatcher([]), wrapped: createWrappedMasker([]), linesLeft: MOST_LINES };
  return maskerOf(nothing, secrets);
}

/** What a masker looks for, and how many lines it may spell by themselves besides. */
interface Known {
  readonly matcher: Matcher;
  readonly wrapped: WrappedMasker;
  readonly linesLeft: number;
}

function maskerOf(known: Known, secrets: readonly unknown[] = []): Masker {
  const lines = { left: known.linesLeft };
  let { matcher, wrapped } = known;
  let isShared = true;
  const added = { values: 0, bytes: 0 };
  const take = ({ texts, divided }: Spellings): void => {
    if (texts.length === 0 && divided.length === 0) return;
    if (isShared) [matcher, wrapped, isShared] = [matcher.apart(), wrapped.apart(), false];
    const isNew = new Set(texts.filter((one) => !matcher.has(one)));
    if (isNew.size > 0) matcher = matcher.with([...isNew]);
    wrapped = wrapped.with(divided);
  };
  const patterns: Patterns = { matcher: () => matcher, wrapped: () => wrapped };
  const text = (whole: string): string => {
    if (matcher.longest === 0) return whole;
    return Buffer.concat(atOnce(openPieces(patterns)(Buffer.from(whole, 'utf8'), false))).toString('utf8');
  };
  const longText = async (whole: string): Promise<string> => {
    const show = openPieces(patterns);
    const turn = takeTurns();
    const shown: Uint8Array[] = [];
    for (const piece of piecesOf(Buffer.from(whole, 'utf8'), patterns)) {
      shown.push(...(await inTurns(show(piece, true), turn)));
      await turn();
    }
    return Buffer.concat([...shown, ...(await inTurns(show(new Uint8Array(), false), turn))]).toString('utf8');
  };
  function* adding(value: string): Generator<undefined, boolean> {
    added.values++;
    added.bytes += value.length;
    if (added.values > MOST_ADDED || added.bytes > MOST_ADDED_BYTES) return false;
    for (const spellings of spellingsOf(value, lines)) {
      take(spellings);
      yield;
    }
    return true;
  }
  for (const one of secrets.flatMap(textsIn)) for (const spellings of spellingsOf(one, lines)) take(spellings);
  return {
    ...patterns,
    add: (value) => atOnce(adding(value)),
    adding,
    learn: (values) => learnInTurns(values, lines, take),
    fork: () => maskerOf({ matcher, wrapped, linesLeft: lines.left }),
    text,
    value: async (whole) => (matcher.longest === 0 ? whole : await maskValue(whole, { text, longText })),
  };
}

/** Spells secrets, and hands some spellings at a time to `take`. */
async function learnInTurns(
  values: readonly unknown[],
  lines: { left: number },
  take: (some: Spellings) => void,
): Promise<void> {
  const turn = takeTurns();
  let batch: Spellings[] = [];
  let count = 0;
  let characters = 0;
  const takeBatch = (): void => {
    take({ texts: batch.flatMap((one) => one.texts), divided: batch.flatMap((one) => one.divided) });
    batch = [];
    count = 0;
    characters = 0;
  };
  for (const one of values.flatMap(textsIn))
    for (const spellings of spellingsOf(one, lines)) {
      batch.push(spellings);
      count += spellings.texts.length;
      characters += spellings.texts.reduce((sum, text) => sum + text.length, 0);
      if (count >= SPELLINGS_AT_ONCE || characters >= CHARACTERS_AT_ONCE) takeBatch();
      await turn();
    }
  takeBatch();
}
