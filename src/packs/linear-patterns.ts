import { RE2JS } from 're2js';
import { isRecord } from '#domain/record.ts';

/**
 * Makes a Zod schema that was read from JSON Schema match its patterns in a time that grows with the text alone:
 * anybody may have written the patterns of a pack, and the engine of the language can take for ever. Throws what is
 * wrong with a pattern.
 */
export function withLinearPatterns<T extends object>(schema: T): T {
  replacePatterns(schema, new Set());
  return schema;
}

/** Goes through definitions, by `_zod.def`, which Zod documents for libraries. */
function replacePatterns(value: unknown, seen: Set<object>): void {
  if (typeof value !== 'object' || value === null || value instanceof RegExp || seen.has(value)) return;
  seen.add(value);
  const internals: unknown = Reflect.get(value, '_zod');
  const definition = isRecord(internals) ? internals['def'] : value;
  if (typeof definition !== 'object' || definition === null) return;
  const pattern: unknown = Reflect.get(definition, 'pattern');
  if (pattern instanceof RegExp && Reflect.get(definition, 'format') === 'regex')
    Reflect.set(definition, 'pattern', linear(pattern));
  for (const part of Object.values(definition)) replacePatterns(part, seen);
}

/** Makes as much of a RegExp as Zod asks of one, with a matching time that grows with the text alone. */
function linear(pattern: RegExp): object {
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(RE2JS.translateRegExp(pattern.source));
  } catch (error) {
    throw new Error(
      `pattern ${pattern.source} cannot be matched in bounded time: look-around, back references and the like are not supported`,
      { cause: error },
    );
  }
  return { lastIndex: 0, test: (text: string) => compiled.matcher(text).find(), toString: () => pattern.toString() };
}
