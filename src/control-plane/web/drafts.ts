import { isRecord } from '#domain/record.ts';
import { isBareText, parseExactly } from './exact-json.ts';
import type { Kind, Member, Property } from './schema.ts';

/** What a field holds while it is filled in, as text; undefined: nothing is given, so that the default of the action counts. */
export type Draft = string | readonly Draft[] | DraftOfGroup | undefined;
export interface DraftOfGroup {
  readonly [name: string]: Draft;
}

/** The draft of a secret that is filled from a key; empty: none is chosen yet. */
export function draftOfKey(ref: string): DraftOfGroup {
  return { [KEY_REF]: ref };
}

/** The ref of the key from which a secret is filled; undefined: it is not. */
export function keyOf(property: Property, draft: Draft): string | undefined {
  if (property.kind !== 'secret' || typeof draft !== 'object' || isList(draft)) return undefined;
  const { [KEY_REF]: ref } = draft;
  return typeof ref === 'string' ? ref : undefined;
}

/** The refs of the keys from which parameters are filled, by the names of these. */
export function keysOf(members: readonly Member[], draft: DraftOfGroup): Readonly<Record<string, string>> {
  return Object.fromEntries(
    members.flatMap(({ name, property }) => {
      const ref = keyOf(property, draft[name]);
      return ref ? [[name, ref]] : [];
    }),
  );
}

const KEY_REF = 'key';

/** The draft that stands for a value. A value that does not fit the property becomes text, so that nothing is lost. */
export function draftOf(property: Property, value: unknown): Draft {
  if (value === undefined) return undefined;
  const { kind, item } = property;
  if (kind === 'list' && item && Array.isArray(value)) return value.map((one) => draftOf(item, one));
  if (kind === 'group' && isRecord(value)) return draftOfMembers(property.members, value);
  if (kind === 'choice') return textOfIndex(property.choices.findIndex((one) => isSame(one, value)));
  if (isText(kind)) return typeof value === 'string' ? value : JSON.stringify(value);
  return JSON.stringify(value, null, kind === 'json' ? 2 : undefined);
}

export function draftOfMembers(members: readonly Member[], values: Readonly<Record<string, unknown>>): DraftOfGroup {
  return Object.fromEntries(members.map(({ name, property }) => [name, draftOf(property, values[name])]));
}

/** The draft of a form that nobody has touched: the defaults, as values that can be seen. */
export function initialDraft(members: readonly Member[]): DraftOfGroup {
  return Object.fromEntries(
    members.map(({ name, property, isRequired }) => [
      name,
      property.default === undefined && isRequired && property.kind === 'group'
        ? initialDraft(property.members)
        : draftOf(property, property.default),
    ]),
  );
}

/** What is wrong with fields, by their paths (`a.b.0`). */
export type Flaws = Map<string, string>;

/** The values that a draft stands for; notes in `flaws` what is none. */
export function valuesOf(
  members: readonly Member[],
  draft: DraftOfGroup,
  { path = '', flaws }: { readonly path?: string; readonly flaws: Flaws },
): Readonly<Record<string, unknown>> {
  const pairs = members.flatMap(({ name, property, isRequired }) => {
    const at = path === '' ? name : `${path}.${name}`;
    const value = valueFrom(property, draft[name], { path: at, flaws });
    /* A key may stand in for a secret. */
    const mayBeKey =
      property.kind === 'secret' && (property.hasKey !== false || keyOf(property, draft[name]) !== undefined);
    const isMissing = value === undefined && isRequired && !mayBeKey;
    if (isMissing && !flaws.has(at)) flaws.set(at, 'is required');
    return value === undefined ? [] : [[name, value]];
  });
  return Object.fromEntries(pairs);
}

function valueFrom(property: Property, draft: Draft, place: { readonly path: string; readonly flaws: Flaws }): unknown {
  if (draft === undefined) return undefined;
  const key = keyOf(property, draft);
  if (key === '') place.flaws.set(place.path, 'choose a key');
  if (key !== undefined) return undefined;
  if (typeof draft === 'string') return valueOfText(property, draft, (flaw) => place.flaws.set(place.path, flaw));
  if (!isList(draft)) return valuesOf(property.members, draft, place);
  const { item } = property;
  return draft.map((one, index) => {
    const at = { path: `${place.path}.${index}`, flaws: place.flaws };
    const value = item && valueFrom(item, one, at);
    if (value !== undefined || place.flaws.has(at.path)) return value;
    if (item && isText(item.kind)) return '';
    place.flaws.set(at.path, 'is empty');
    return undefined;
  });
}

function valueOfText(property: Property, text: string, note: (flaw: string) => void): unknown {
  const { kind, choices, default: initial } = property;
  if (kind === 'choice') return text === '' ? undefined : choices[Number(text)];
  /* A default that was deleted is no default: the empty text is meant. */
  if (isText(kind)) return text === '' && (initial === undefined || kind === 'date') ? undefined : text;
  return text.trim() === '' ? undefined : readAs(property, text, note);
}

function readAs({ kind, meaning }: Property, text: string, note: (flaw: string) => void): unknown {
  if (kind === 'number' || kind === 'integer') return readNumber(kind, text, note);
  try {
    return parseExactly(text, meaning);
  } catch (error) {
    const isChanged = error instanceof RangeError;
    if (!isChanged && isBareText(text, meaning)) return text;
    note(isChanged ? error.message : 'this is no JSON');
    return undefined;
  }
}

function readNumber(kind: 'number' | 'integer', text: string, note: (flaw: string) => void): unknown {
  try {
    const value = parseExactly(text);
    if (typeof value !== 'number') note('is no number');
    else if (kind === 'integer' && !Number.isInteger(value)) note('is no whole number');
    return value;
  } catch (error) {
    note(error instanceof RangeError ? error.message : 'is no number');
    return undefined;
  }
}

function isText(kind: Kind): boolean {
  return kind === 'text' || kind === 'secret' || kind === 'date';
}

function isList(draft: readonly Draft[] | DraftOfGroup): draft is readonly Draft[] {
  return Array.isArray(draft);
}

function textOfIndex(index: number): string {
  return index < 0 ? '' : String(index);
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
