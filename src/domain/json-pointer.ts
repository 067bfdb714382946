import { isRecord } from './record.ts';

/** The JSON Pointer (RFC 6901) of the value behind these keys. */
export function pointerOf(keys: readonly string[]): string {
  return keys.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/**
 * A copy of a document with a value at a JSON Pointer. Objects that are missing on the way are made; an array keeps its
 * length. Undefined where the pointer leads nowhere in the document.
 */
export function withValueAt(document: unknown, pointer: string, value: unknown): unknown {
  if (pointer === '') return value;
  if (!pointer.startsWith('/')) return undefined;
  const keys = pointer.slice(1).split('/');
  return put(
    document,
    keys.map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~')),
    value,
  );
}

function put(document: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value;
  if (Array.isArray(document)) return putAtIndex(document, [key, ...rest], value);
  const object = document ?? {};
  if (!isRecord(object)) return undefined;
  const inner = put(Object.hasOwn(object, key) ? object[key] : undefined, rest, value);
  return inner === undefined ? undefined : { ...object, [key]: inner };
}

function putAtIndex(
  array: readonly unknown[],
  [key, ...rest]: readonly [string, ...string[]],
  value: unknown,
): unknown {
  const index = /^(0|[1-9]\d*)$/.test(key) ? Number(key) : array.length;
  const inner = index < array.length ? put(array[index], rest, value) : undefined;
  return inner === undefined ? undefined : array.with(index, inner);
}
