import { digitsOf } from '#domain/exact-number.ts';
import { takeTurns } from '#domain/turns.ts';

/** Longer texts are masked in pieces, between which others get their turns. */
const LONG_TEXT = 4096;
/** Bytes of texts that are looked at together. */
const BATCH = 32 * 1024;

type Turn = () => Promise<void> | undefined;

interface TextMaskers {
  text(short: string): string;
  longText(long: string): Promise<string>;
}

/**
 * Masks the secrets in any JSON value, in its keys too. A value without any, which is found out by looking at all of its
 * texts together, stays what it is.
 */
export async function maskValue<Value>(whole: Value, maskers: TextMaskers): Promise<Value> {
  const turn = takeTurns();
  if (!(await holdsSecrets(whole, maskers))) return whole;
  return (await maskIn(whole, maskers, turn)) as Value;
}

async function maskIn(one: unknown, maskers: TextMaskers, turn: Turn): Promise<unknown> {
  await turn();
  if (typeof one === 'string') return await maskText(one, maskers);
  const digits = digitsIn(one);
  if (digits !== undefined) return maskedNumber(one, digits, maskers.text(digits));
  if (typeof one !== 'object' || one === null) return one;
  return Array.isArray(one) ? await maskInList(one, maskers, turn) : await maskInObject(one, maskers, turn);
}

async function maskInList(list: readonly unknown[], maskers: TextMaskers, turn: Turn): Promise<readonly unknown[]> {
  const masked: unknown[] = [];
  for (const member of list) masked.push(await maskIn(member, maskers, turn));
  return masked;
}

async function maskInObject(object: object, maskers: TextMaskers, turn: Turn): Promise<object> {
  const members: [string, unknown][] = [];
  for (const [key, member] of Object.entries(object))
    members.push([await maskText(key, maskers), await maskIn(member, maskers, turn)]);
  return Object.fromEntries(members);
}

async function maskText(text: string, maskers: TextMaskers): Promise<string> {
  return text.length > LONG_TEXT ? await maskers.longText(text) : maskers.text(text);
}

function maskedNumber(number: unknown, digits: string, masked: string): unknown {
  return masked === digits ? number : masked;
}

/** The digits of a number of any kind. */
function digitsIn(value: unknown): string | undefined {
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : digitsOf(value);
}

async function holdsSecrets(whole: unknown, { longText }: TextMaskers): Promise<boolean> {
  const turn = takeTurns();
  for (const batch of batchesOf(textsAndKeysIn(whole))) {
    if ((await longText(batch)) !== batch) return true;
    await turn();
  }
  return false;
}

/** Texts in batches, divided by what is in no secret. */
function* batchesOf(texts: Iterable<string>): Generator<string> {
  let batch: string[] = [];
  let length = 0;
  for (const text of texts) {
    batch.push(text);
    length += text.length;
    if (length < BATCH) continue;
    yield batch.join('\0');
    batch = [];
    length = 0;
  }
  yield batch.join('\0');
}

function* textsAndKeysIn(value: unknown): Generator<string> {
  const digits = digitsIn(value);
  if (typeof value === 'string') yield value;
  else if (digits !== undefined) yield digits;
  else if (Array.isArray(value)) for (const one of value) yield* textsAndKeysIn(one);
  else if (typeof value === 'object' && value !== null)
    for (const [key, one] of Object.entries(value)) {
      yield key;
      yield* textsAndKeysIn(one);
    }
}
