import { z } from 'zod';
import { isRecord } from '#domain/record.ts';

/** The id of a row as text. Ids are 64 bits wide; those that JSON's numbers can hold are accepted. */
export const idText = z.string().regex(/^[1-9]\d{0,14}$/, 'expected a whole number');

/** Any object. Its members are not looked at, however many they are: zod takes microseconds for each. */
export const anyObject = z
  .custom<Record<string, unknown>>(isRecord, 'expected an object')
  .meta({ type: 'object', additionalProperties: {} });

export const MOST_MEMBERS = 1000;

/** An object with few members, which are checked by `members` only then. */
export function fewMembers<S extends z.ZodType>(members: S) {
  return z.preprocess((value, context) => {
    if (!isRecord(value) || Object.keys(value).length <= MOST_MEMBERS) return value;
    context.issues.push({ code: 'custom', message: `expected ${MOST_MEMBERS} members at most`, input: value });
    return z.NEVER;
  }, members);
}

/** A SHA-256 in hexadecimal digits. */
export const sha256Text = z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 hex digits');

/** Text in an answer that is one of these values today. A newer server may send another one, which a client shows as it is. */
export function oneOfToday(values: readonly string[]): z.ZodString {
  return z.string().meta({ enum: [...values] });
}

/** The size of a page of a list. */
export const pageLimit = z.coerce.number().int().min(1).max(500).default(50);

/** The most members of a page of a list that is ordered by refs, and as many as there are when nobody says how many. */
const MOST_LISTED = 1000;

/** The query of a list that is ordered by refs. */
export const refPage = {
  cursor: z.string().min(1).max(500).optional().meta({ description: 'next_cursor of the page before' }),
  limit: z.coerce.number().int().min(1).max(MOST_LISTED).default(MOST_LISTED),
};

/** `next_cursor` of an answer with a page; servers up to 0.1.0 send whole lists without it. */
export const nextCursor = z.string().nullable().optional().meta({ description: 'null: this is the last page' });

/** The place where a page of a list begins: `next_cursor` of the page before. */
export const pageCursor = idText.optional().meta({ description: 'next_cursor of the page before' });
