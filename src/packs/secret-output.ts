import type { StoredParameters } from '#domain/admin-store.ts';
import type { SecretValue } from '#domain/execution.ts';
import { HIDDEN_VALUE } from '#domain/masks.ts';
import { isRecord } from '#domain/record.ts';

type Schema = Readonly<Record<string, unknown>>;

/** The keywords whose schemas describe the same value as the schema that holds them. */
const SAME_VALUE = ['allOf', 'anyOf', 'oneOf', 'if', 'then', 'else'] as const;

/** How the places of secrets are named, and what stands there instead of them. */
export interface SecretForm {
  readonly hidden: unknown;
  pathOf(keys: readonly string[]): string;
}

const withDots: SecretForm = { hidden: HIDDEN_VALUE, pathOf: (keys) => keys.join('.') };

/**
 * Takes the values that the schema of an action's parameters or output calls `secret: true` out of the data, however
 * deep they lie, and masks them there.
 */
export function takeSecrets(
  data: unknown,
  schema: unknown,
  form: SecretForm = withDots,
): { readonly data: unknown; readonly secrets: readonly SecretValue[] } {
  if (!hasSecrets(schema)) return { data, secrets: [] }; /* most have none, and data may be large */
  const secrets: SecretValue[] = [];
  const take = (value: unknown, described: Description, path: readonly string[]): unknown => {
    if (described.isSecret) {
      secrets.push({ path: form.pathOf(path), value });
      return form.hidden;
    }
    if (described.isEmpty) return value;
    if (Array.isArray(value)) return value.map((one, n) => take(one, described.item(n), [...path, String(n)]));
    if (!isRecord(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, one]) => [name, take(one, described.member(name), [...path, name])]),
    );
  };
  return { data: take(data, describe(schema), []), secrets };
}

/** The parameters of an execution without what is secret of them; all of them are when nobody can say which. */
export function shownParameters({ parameters, parameterSchema, isActionGone }: StoredParameters): unknown {
  return isActionGone ? maskAll(parameters) : takeSecrets(parameters, parameterSchema).data;
}

/** Masks every value; for data whose schema is gone. */
function maskAll(data: unknown): unknown {
  if (!isRecord(data)) return HIDDEN_VALUE;
  return Object.fromEntries(Object.keys(data).map((name) => [name, HIDDEN_VALUE]));
}

/** Tells whether the schema of an action's output calls anything secret. */
export function hasSecrets(schema: unknown): boolean {
  if (Array.isArray(schema)) return schema.some(hasSecrets);
  return isRecord(schema) && (schema['secret'] === true || Object.values(schema).some(hasSecrets));
}

/** What the schemas of one value say of it and of its members. */
interface Description {
  readonly isEmpty: boolean;
  readonly isSecret: boolean;
  item(index: number): Description;
  member(name: string): Description;
}

/**
 * Describes the value of a schema. However many values there are, each set of schemas that some of them have is looked
 * at once, and once for each name in it.
 */
function describe(root: unknown): Description {
  const ids = new Map<Schema, number>();
  const known = new Map<string, Description>();
  const idOf = (schema: Schema): number => {
    if (!ids.has(schema)) ids.set(schema, ids.size);
    return ids.get(schema) ?? 0;
  };
  const describeAll = (given: readonly unknown[]): Description => {
    const schemas = schemasOfValue(given, root);
    const key = schemas.map(idOf).join();
    const found = known.get(key) ?? describeOnce(schemas);
    known.set(key, found);
    return found;
  };
  const describeOnce = (schemas: readonly Schema[]): Description => {
    const names = new Set(schemas.flatMap((one) => Object.keys(namedIn(one))));
    const most = Math.max(0, ...schemas.map((one) => itemsIn(one).length));
    const members = new Map<string | number | undefined, Description>();
    const remember = (place: string | number | undefined, inner: () => readonly unknown[]): Description => {
      const found = members.get(place) ?? describeAll(inner());
      members.set(place, found);
      return found;
    };
    return {
      isEmpty: schemas.length === 0,
      isSecret: schemas.some((one) => one['secret'] === true),
      item: (index) =>
        remember(Math.min(index, most), () => schemas.flatMap((one) => [itemsIn(one)[index], one['items']])),
      member: (name) => remember(names.has(name) ? name : undefined, () => schemas.map((one) => memberIn(one, name))),
    };
  };
  return describeAll([root]);
}

/** The schemas of a value with all that they name for the same value, each once; `root` is what `$ref` points into. */
function schemasOfValue(given: readonly unknown[], root: unknown): readonly Schema[] {
  const found = new Set<Schema>();
  const waiting = [...given];
  while (waiting.length > 0) {
    const one = waiting.pop();
    if (!isRecord(one) || found.has(one)) continue;
    found.add(one);
    const { $ref: target } = one;
    waiting.push(...SAME_VALUE.flatMap((keyword) => one[keyword]));
    if (typeof target === 'string') waiting.push(definition(target, root));
  }
  return [...found];
}

/** What `#/$defs/name` points at. */
function definition(target: string, root: unknown): unknown {
  const names = target.split('/').slice(1);
  return names.reduce<unknown>((one, name) => (isRecord(one) ? one[name] : undefined), root);
}

/** The members that a schema names; Attune's flat way names the parameters in the schema itself. */
function namedIn(schema: Schema): Schema {
  return isRecord(schema['properties']) ? schema['properties'] : schema;
}

function memberIn(schema: Schema, name: string): unknown {
  const named = namedIn(schema);
  return Object.hasOwn(named, name) ? named[name] : schema['additionalProperties'];
}

function itemsIn(schema: Schema): readonly unknown[] {
  const first = schema['prefixItems'];
  return Array.isArray(first) ? first : [];
}
