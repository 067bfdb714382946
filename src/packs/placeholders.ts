import { nearest } from '#domain/nearest.ts';
import { isRecord } from '#domain/record.ts';
import type { SchemaFlaw } from './schema-keywords.ts';

/** What is filled in where a runtime says how scripts are run. */
const PLACEHOLDERS = ['pack_dir', 'env_dir', 'interpreter', 'manifest_path'];

/**
 * Finds words in braces, at any depth of a value, that nothing fills in and that are most like a placeholder. What stands
 * behind a dollar is a variable of a shell.
 */
export function flawsOfPlaceholders(value: unknown, path: readonly PropertyKey[]): readonly SchemaFlaw[] {
  if (Array.isArray(value)) return value.flatMap((one, at) => flawsOfPlaceholders(one, [...path, at]));
  if (isRecord(value)) return Object.entries(value).flatMap(([key, one]) => flawsOfPlaceholders(one, [...path, key]));
  if (typeof value !== 'string') return [];
  const words = [...value.matchAll(/(?<!\$)\{([A-Za-z_]+)\}/g)].map(([, word = '']) => word);
  return words.flatMap((word) => {
    const near = PLACEHOLDERS.includes(word) ? undefined : nearest(word.toLowerCase(), PLACEHOLDERS);
    return near === undefined ? [] : [{ path, message: `nothing fills in {${word}}; did you mean {${near}}?` }];
  });
}
