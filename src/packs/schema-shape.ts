import type { z } from 'zod';
import { nearest } from '#domain/nearest.ts';

/** The definition of a Zod schema as the union of all kinds, so that `type` tells them apart. Zod documents it for libraries. */
export function definitionOf(schema: z.core.$ZodType): z.core.$ZodTypes['_zod']['def'] {
  return (schema as z.core.$ZodTypes)._zod.def;
}

/** The schemas that a wrapper (optional, default, nullable, union, …) stands for; none for the other kinds. */
export function innerOf(schema: z.core.$ZodType): readonly z.core.$ZodType[] {
  const def = definitionOf(schema);
  if (def.type === 'union') return def.options;
  if (def.type === 'pipe') return [def.in];
  return 'innerType' in def ? [def.innerType] : [];
}

/** The keys of the object that a schema describes at a path; none where it describes no object with named keys. */
export function keysAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): readonly string[] {
  const def = definitionOf(schema);
  const [first, ...rest] = path;
  switch (def.type) {
    case 'object': {
      if (first === undefined) return Object.keys(def.shape).filter((key) => !isAnything(def.shape[key]));
      const next = def.shape[String(first)];
      return next === undefined ? [] : keysAt(next, rest);
    }
    case 'record':
      return first === undefined ? [] : keysAt(def.valueType, rest);
    case 'array':
      return first === undefined ? [] : keysAt(def.element, rest);
    default:
      return innerOf(schema).flatMap((inner) => keysAt(inner, path));
  }
}

/** What nothing here reads may be anything. */
function isAnything(schema: z.core.$ZodType | undefined): boolean {
  return schema !== undefined && ['unknown', 'any'].includes(definitionOf(schema).type);
}

/** What every sentence about a key that nobody knows begins with. */
export const UNKNOWN_KEY = 'unknown key';

/** The sentence for a key that nobody knows, with the nearest one that somebody does. */
export function describeUnknownKey(key: string, known: readonly string[]): string {
  const near = nearest(key, known);
  return near === undefined ? `${UNKNOWN_KEY} (known: ${known.join(', ')})` : `${UNKNOWN_KEY}; did you mean ${near}?`;
}
