import { z } from 'zod';
import { OUTPUT_FORMATS } from '#domain/action.ts';
import { ACTION_VARIABLES } from '#domain/action-variables.ts';
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
  return `${[introduction, ...sections, variables, output].join('\n\n')}\n`;
}

const meaningOf: Readonly<Record<(typeof OUTPUT_FORMATS)[number], string>> = {
  text: 'none: the text is in the log, and its beginning in the result',
  json: 'all of stdout as JSON, else its last line',
  yaml: 'all of stdout as YAML',
  jsonl: 'a list with the JSON of each line',
};

const introduction = `<!-- Made by \`make docs\` from src/packs and src/domain/action-variables.ts: edit the files there. -->

# Files of a pack

Every key of every file. Any other key is an error, except those that begin with \`x-\`, which are the author's own. What
the keys mean together is in [Packs and actions](../packs.md); \`attune-agent schema\` prints the same for editors. \`a.b\` is the key
\`b\` of the object \`a\`, and \`a[].b\` that of each object in the list \`a\`.`;

const variables = `## Variables of an action

Besides those of its runtime, of its pack's environment and of the request, a script finds:

| variable | value |
|---|---|
${Object.entries(ACTION_VARIABLES)
  .map(([name, meaning]) => `| \`${name}\` | ${meaning} |`)
  .join('\n')}`;

const output = `## Output of an action

Everything on stdout and stderr is its log. With exit code 0, stdout becomes the data of the result:

| \`output_format\` | data |
|---|---|
${OUTPUT_FORMATS.map((one) => `| \`${one}\` | ${meaningOf[one]} |`).join('\n')}

What does not fit the format leaves the execution completed, without data, and its result says why (\`output_error\`). With
another exit code the execution failed: its error is the line of stderr that says why. Lines on stdout that begin with
\`::add-mask::\` hide what follows from there on; members that \`output\` calls secret are stored encrypted.`;

function describeFile(schema: z.ZodObject): string {
  const whole = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  const required = new Set(whole.required);
  const properties = Object.entries(whole.properties ?? {});
  const rows = properties
    .filter(([name]) => !isUnused(schema, name))
    .flatMap(([name, one]) => rowsOf(name, isRecord(one) ? one : {}, required.has(name)));
  const others = properties.filter(([name]) => isUnused(schema, name)).map(([name]) => `\`${name}\``);
  const note = `\n\nThese may be there too, with any value: Attune's Rust control plane reads them, and nothing here does. ${others.join(', ')}`;
  return `| key | value | default | meaning |\n|---|---|---|---|\n${rows.join('\n')}${others.length === 0 ? '' : note}`;
}

/** The row of a key, and those of the keys within it. */
function rowsOf(name: string, schema: Readonly<Record<string, unknown>>, isRequired: boolean): readonly string[] {
  const { path, object } = objectIn(name, schema);
  const required = Array.isArray(object?.['required']) ? object['required'] : [];
  const inner = Object.entries(Object(object?.['properties'])).filter(([, one]) => isDescribed(one));
  return [
    rowOf(name, schema, isRequired),
    ...inner.flatMap(([key, one]) => rowsOf(`${path}.${key}`, Object(one), required.includes(key))),
  ];
}

/** What nothing here reads has no description. */
function isDescribed(schema: unknown): boolean {
  return isRecord(schema) && (schema['description'] !== undefined || objectIn('', schema).object !== undefined);
}

/** The object that a value is, or that the items of a list are, and its path; undefined: it has no keys to name. */
function objectIn(
  path: string,
  schema: Readonly<Record<string, unknown>>,
): { readonly path: string; readonly object?: Readonly<Record<string, unknown>> } {
  const { anyOf, type, items } = schema;
  if (Array.isArray(anyOf)) {
    const ways = anyOf.filter(isRecord).map((one) => objectIn(path, one));
    return ways.find((one) => one.object !== undefined) ?? { path };
  }
  if (type === 'array' && isRecord(items)) return objectIn(`${path}[]`, items);
  return isRecord(schema['properties']) ? { path, object: schema } : { path };
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
