import { isRecord } from '#domain/record.ts';
import type { Meaning } from './exact-json.ts';

/** How the form asks for a value. `json`: the schema says more than the form understands, so the value is written as JSON. */
export type Kind = 'text' | 'secret' | 'number' | 'integer' | 'boolean' | 'choice' | 'date' | 'list' | 'group' | 'json';

/** A part of a JSON Schema, as far as the form understands it. */
export interface Property {
  readonly kind: Kind;
  readonly description: string | undefined;
  readonly default: unknown;
  /** The values of a choice. */
  readonly choices: readonly unknown[];
  /** The members of a group. */
  readonly members: readonly Member[];
  /** What a list is made of. */
  readonly item: Property | undefined;
  /** The schema itself. */
  readonly meaning: Meaning;
  /** What the schema demands, in words. */
  readonly bounds: readonly string[];
  /** Whether a stored key stands in for this secret parameter; undefined: that is not known, or it is no secret. */
  readonly hasKey?: boolean;
  /** The refs of the keys from which this secret parameter may be filled. */
  readonly keys?: readonly string[];
}

export interface Member {
  readonly name: string;
  readonly property: Property;
  readonly isRequired: boolean;
}

/** The members of a schema of an object; none where it names none. */
export function membersOf(schema: unknown, root = schema): readonly Member[] {
  if (!(isRecord(schema) && isRecord(schema['properties']))) return [];
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  return Object.entries(schema['properties']).map(([name, one]) => ({
    name,
    property: propertyOf({ schema: isRecord(one) ? one : {}, root: isRecord(root) ? root : {} }),
    isRequired: required.includes(name),
  }));
}

interface KnownKeys {
  /** The names of parameters for which a key stands in; undefined: not known. */
  readonly stored: readonly string[] | undefined;
  /** The refs of all keys that the token of this browser may see. */
  readonly refs: readonly string[];
}

/** The members, of whose secrets is known for which a key stands in, and from which ones they may be filled. */
export function withKeys(members: readonly Member[], { stored, refs }: KnownKeys): readonly Member[] {
  return members.map((one) => {
    const { name, property } = one;
    if (property.kind !== 'secret') return one;
    return { ...one, property: { ...property, ...(stored && { hasKey: stored.includes(name) }), keys: refs } };
  });
}

type Schema = Readonly<Record<string, unknown>>;

function propertyOf(meaning: Meaning): Property {
  const { schema, root } = meaning;
  const { description } = schema;
  const kind = kindOf(schema);
  return {
    kind,
    description: typeof description === 'string' ? description : undefined,
    default: schema['default'],
    choices: kind === 'choice' && Array.isArray(schema['enum']) ? schema['enum'] : [],
    members: kind === 'group' ? membersOf(schema, root) : [],
    item: kind === 'list' && isRecord(schema['items']) ? propertyOf({ schema: schema['items'], root }) : undefined,
    meaning,
    bounds: boundsOf(schema),
  };
}

/** Keywords that combine schemas: what they mean together is for the server to say. */
const COMBINING = ['anyOf', 'oneOf', 'allOf', 'not', '$ref', 'const', 'if', 'prefixItems'];

function kindOf(schema: Schema): Kind {
  if (Array.isArray(schema['enum'])) return 'choice';
  if (COMBINING.some((word) => schema[word] !== undefined)) return 'json';
  switch (schema['type']) {
    case 'string':
      if (schema['secret'] === true) return 'secret';
      return schema['format'] === 'date' ? 'date' : 'text';
    case 'number':
    case 'integer':
    case 'boolean':
      return schema['type'];
    case 'array':
      return isList(schema) ? 'list' : 'json';
    case 'object':
      return isGroup(schema) ? 'group' : 'json';
    default:
      return 'json';
  }
}

function isList({ items }: Schema): boolean {
  return isRecord(items) && kindOf(items) !== 'json';
}

function isGroup(schema: Schema): boolean {
  return schema['additionalProperties'] === false && membersOf(schema).length > 0;
}

const BOUNDS: Readonly<Record<string, string>> = {
  minimum: 'at least',
  exclusiveMinimum: 'more than',
  maximum: 'at most',
  exclusiveMaximum: 'less than',
  multipleOf: 'a multiple of',
  minLength: 'characters at least:',
  maxLength: 'characters at most:',
  minItems: 'members at least:',
  maxItems: 'members at most:',
  pattern: 'like',
  format: 'format',
};

function boundsOf(schema: Schema): readonly string[] {
  return Object.entries(BOUNDS).flatMap(([name, words]) => {
    const bound = schema[name];
    return typeof bound === 'number' || typeof bound === 'string' ? [`${words} ${bound}`] : [];
  });
}
