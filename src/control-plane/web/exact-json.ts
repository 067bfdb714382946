import {
  ALTERNATIVES,
  isMeantAsText,
  MOST_FORMS,
  MOST_STEPS,
  SCALAR_TYPES,
  type TakenScalar,
} from '#domain/kept-texts.ts';
import { isRecord } from '#domain/record.ts';
import { findRepeatedKey } from '#domain/repeated-keys.ts';

type Schema = Readonly<Record<string, unknown>>;

/** What a value has to be. References lead into `root`. */
export interface Meaning {
  readonly schema: Schema;
  readonly root: Schema;
}

/** A number or a boolean, with the text that it was written as. */
class Written {
  readonly value: number | boolean;
  readonly source: string;

  constructor(value: number | boolean, source: string) {
    this.value = value;
    this.source = source;
  }
}

/**
 * Reads JSON. A number or a boolean is kept as the text that was written where the schema wants a text there, such as 3.10,
 * as the command line does. Throws a `RangeError` for a number that JavaScript would change, and for a key that is there
 * twice.
 */
export function parseExactly(text: string, meaning?: Meaning): unknown {
  const mark = (_: string, value: unknown, context?: { readonly source?: string }): unknown =>
    typeof value === 'number' || typeof value === 'boolean'
      ? new Written(value, context?.source ?? String(value))
      : value;
  const value = settled(JSON.parse(text, mark), meaning);
  const repeated = findRepeatedKey(text);
  if (repeated !== undefined) throw new RangeError(repeated);
  return value;
}

/** The value of a text that somebody has written for a parameter: JSON, or else the text itself. */
export function valueOfText(text: string, meaning: Meaning): unknown {
  if (takesTexts(meaning)) return text;
  try {
    return parseExactly(text, meaning);
  } catch {
    return text;
  }
}

/** Tells whether the types that a schema names have texts among them. */
function takesTexts({ schema }: Meaning): boolean {
  return [schema['type']].flat().includes('string');
}

/** Tells whether a text may stand without quotes where JSON is written. */
export function isBareText(text: string, meaning: Meaning): boolean {
  return !/^\s*["[{]/.test(text) && scalarsOf(meaning).some(({ type }) => type === 'string');
}

function settled(node: unknown, meaning: Meaning | undefined): unknown {
  if (node instanceof Written) return isText(node, meaning) ? node.source : exact(node);
  const of = (schema: unknown): Meaning | undefined =>
    meaning && isRecord(schema) ? meant({ schema, root: meaning.root }) : undefined;
  const { items, properties, additionalProperties } = of(meaning?.schema)?.schema ?? {};
  if (Array.isArray(node)) return node.map((one) => settled(one, of(items)));
  if (!isRecord(node)) return node;
  const own = (key: string): unknown =>
    isRecord(properties) && Object.hasOwn(properties, key) ? properties[key] : additionalProperties;
  return Object.fromEntries(Object.entries(node).map(([key, one]) => [key, settled(one, of(own(key)))]));
}

function isText(one: Written, meaning: Meaning | undefined): boolean {
  if (!meaning) return false;
  /* Where a list of types has texts, what another text would come back for is one. */
  if (takesTexts(meaning) && JSON.stringify(one.value) !== one.source) return true;
  return isMeantAsText(one, scalarsOf(meaning));
}

/** What scalars a schema takes, by its types, its values, or its alternatives; empty: it says nothing of that. */
function scalarsOf(meaning: Meaning, steps = MOST_STEPS): readonly TakenScalar[] {
  if (steps === 0) return [];
  const { schema, root } = meant(meaning);
  const types = [schema['type']].flat().filter((name) => SCALAR_TYPES.includes(name));
  if (types.length > 0) return types.map((type) => ({ type }));
  const values = [schema['const'], ...listOf(schema['enum'])].filter((one) => SCALAR_TYPES.includes(typeof one));
  if (values.length > 0) return values.map((value) => ({ type: typeof value, value }));
  const forms = ALTERNATIVES.flatMap((key) => listOf(schema[key])).filter(isRecord);
  return forms.slice(0, MOST_FORMS).flatMap((one) => scalarsOf({ schema: one, root }, steps - 1));
}

/** Follows the references of a schema. */
function meant({ schema, root }: Meaning, steps = MOST_STEPS): Meaning {
  const target = schema['$ref'];
  if (typeof target !== 'string' || steps === 0) return { schema, root };
  const found = target
    .split('/')
    .slice(1)
    .reduce<unknown>((one, key) => (isRecord(one) && Object.hasOwn(one, key) ? one[key] : undefined), root);
  return isRecord(found) ? meant({ schema: found, root }, steps - 1) : { schema, root };
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** So many digits of a number may be told from their neighbours. */
const MOST_DIGITS = 17;

/** The value of a scalar; throws a `RangeError` where it is another number than was written. */
function exact({ value, source }: Written): number | boolean {
  if (typeof value === 'boolean') return value;
  const isKept =
    Number.isFinite(value) && !Object.is(value, -0) && (!Number.isInteger(value) || Number.isSafeInteger(value));
  const digits = source
    .replace(/e.*$/i, '')
    .replace(/\D/g, '')
    .replace(/^0+|0+$/g, '');
  if (isKept && digits.length <= MOST_DIGITS) return value;
  throw new RangeError(`${source}: is no number that can be kept as it is: write it as text`);
}
