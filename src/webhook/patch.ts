/** One step of a JSON Patch (RFC 6902). */
export interface PatchStep {
  readonly op: 'add' | 'replace' | 'remove';
  readonly path: string;
  readonly value?: unknown;
}

/**
 * The JSON Patch that makes `after` of `before`. Lists are taken to have grown at their end: what is before it is compared
 * place by place.
 */
export function patchBetween(before: unknown, after: unknown, path = ''): readonly PatchStep[] {
  if (Array.isArray(before) && Array.isArray(after) && after.length >= before.length)
    return after.flatMap((one: unknown, at) =>
      at < before.length
        ? patchBetween(before[at], one, `${path}/${at}`)
        : [{ op: 'add', path: `${path}/-`, value: one }],
    );
  if (isObject(before) && isObject(after))
    return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((key) =>
      patchOfMember(before, after, { key, path: `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}` }),
    );
  return Bun.deepEquals(before, after) ? [] : [{ op: 'replace', path, value: after }];
}

type Members = Readonly<Record<string, unknown>>;

function patchOfMember(
  before: Members,
  after: Members,
  { key, path }: { readonly key: string; readonly path: string },
): readonly PatchStep[] {
  const [was, is] = [before, after].map((one) => (Object.hasOwn(one, key) ? one[key] : undefined));
  if (is === undefined) return was === undefined ? [] : [{ op: 'remove', path }];
  return was === undefined ? [{ op: 'add', path, value: is }] : patchBetween(was, is, path);
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
