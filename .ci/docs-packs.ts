import { z } from 'zod';
import { isRecord } from '#domain/record.ts';
import { actionSchema, isUnused, packSchema, runtimeSchema } from '#packs/pack-schemas.ts';
import { testSchema } from '#packs/test-cases.ts';

const files: readonly (readonly [heading: string, schema: z.ZodObject])[] = [
  ['pack.yaml', packSchema],
  ['actions/NAME.yaml', actionSchema],
  ['runtimes/NAME.yaml', runtimeSchema],
  ['tests/ACTION.yaml', testSchema],
];

/** The text of docs/packs/reference.md. */
export function packReference(): string {
  const sections = files.map(([heading, schema]) => `## ${heading}\n\n${describeFile(schema)}`);
  return `${[introduction, ...sections].join('\n\n')}\n`;
}

const introduction = `<!-- Made by \`make docs\` from src/packs: edit the files there. -->

# Files of a pack

Every key of every file. Any other key is an error, except those that begin with \`x-\`, which are the author's own. What
the keys mean together is in [Packs and actions](../packs.md); \`attune-agent schema\` prints the same for editors.`;

function describeFile(schema: z.ZodObject): string {
  const whole = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  const required = new Set(whole.required);
  const properties = Object.entries(whole.properties ?? {});
  const rows = properties
    .filter(([name]) => !isUnused(schema, name))
    .map(([name, one]) => rowOf(name, isRecord(one) ? one : {}, required.has(name)));
  const others = properties.filter(([name]) => isUnused(schema, name)).map(([name]) => `\`${name}\``);
  const note = `\n\nThese may be there too, with any value: Attune's Rust control plane reads them, and nothing here does. ${others.join(', ')}`;
  return `| key | value | default | meaning |\n|---|---|---|---|\n${rows.join('\n')}${others.length === 0 ? '' : note}`;
}

function rowOf(name: string, schema: Readonly<Record<string, unknown>>, isRequired: boolean): string {
  const initial = schema['default'];
  const fallback = isRequired ? 'required' : initial === undefined ? '' : `\`${JSON.stringify(initial)}\``;
  const meaning = typeof schema['description'] === 'string' ? schema['description'] : '';
  return `| \`${name}\` | ${kindOf(schema)} | ${fallback} | ${meaning} |`.replaceAll('  ', ' ');
}

const kinds: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'number',
  integer: 'whole number',
  boolean: 'true or false',
  object: 'object',
};

/** What a value may be, in words. */
function kindOf(schema: Readonly<Record<string, unknown>>): string {
  const { enum: allowed, type, items, anyOf, minimum, maximum, exclusiveMinimum } = schema;
  if (Array.isArray(allowed)) return allowed.map((one) => `\`${String(one)}\``).join(', ');
  if (Array.isArray(anyOf)) {
    const ways = anyOf.filter(isRecord).filter((one) => one['type'] !== 'null');
    return [...new Set(ways.map(kindOf))].join(' or ');
  }
  if (type === 'array') return `list of ${isRecord(items) ? kindOf(items) : 'anything'}`;
  const bounds = [
    ...(exclusiveMinimum === undefined ? [] : [`more than ${String(exclusiveMinimum)}`]),
    ...(minimum === undefined ? [] : [`from ${String(minimum)}`]),
    ...(maximum === undefined ? [] : [`up to ${String(maximum)}`]),
  ];
  const [kind] = (Array.isArray(type) ? type : [type]).filter((one) => one !== 'null');
  return [kinds[String(kind)] ?? 'anything', ...bounds].join(' ');
}
