import { z } from 'zod';
import { oneOf } from '#cli/parameter.ts';
import { write } from '#cli/terminal.ts';
import { defineVerb } from '#cli/verb.ts';
import { configSchema } from '#config/schema.ts';
import { actionSchema, packSchema, runtimeSchema } from '#packs/pack-schemas.ts';
import { testSchema } from '#packs/test-cases.ts';

const schemas = {
  pack: { files: 'pack.yaml', schema: packSchema },
  action: { files: 'actions/NAME.yaml of a pack', schema: actionSchema },
  runtime: { files: 'runtimes/NAME.yaml of a pack', schema: runtimeSchema },
  test: { files: 'tests/ACTION.yaml of a pack', schema: testSchema },
  config: { files: 'the configuration of attune-agent', schema: configSchema('HOSTNAME', false) },
} as const;
type Kind = keyof typeof schemas;
const kinds = Object.keys(schemas) as Kind[];

export const verb = defineVerb({
  details:
    'Editors complete and check YAML files by it. For the YAML extension of VS Code, keep it in a file and begin each YAML file with the line "# yaml-language-server: $schema=FILE".',
  arguments: { kind: oneOf('kind', kinds, 'Kind of file that the schema is for') },
  options: {},
  examples: [['attune-agent schema action > action.schema.json', 'Keeps the schema of action files for an editor']],
  action: async ({ kind }) => {
    const { files, schema } = schemas[kind];
    const described = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', override: fitYaml });
    await write(process.stdout, `${JSON.stringify({ title: files, ...described }, null, 2)}\n`);
    return 0;
  },
});

interface Overridden {
  readonly zodSchema: z.core.$ZodType;
  readonly jsonSchema: z.core.JSONSchema.BaseSchema;
}

/**
 * Fits a schema to YAML as it is read here: a text may be written without quotes (`version: 1.10`), and keys that begin
 * with x- are the author's own.
 */
function fitYaml({ jsonSchema }: Overridden): void {
  if (jsonSchema.type === 'string' && !jsonSchema.enum)
    Object.assign(jsonSchema, { type: ['string', 'number', 'boolean'] });
  if (jsonSchema.additionalProperties === false) jsonSchema.patternProperties = { '^x-': {} };
  /* A word of zod, which has a pattern beside it. */
  if (jsonSchema.format === 'starts_with') delete jsonSchema.format;
  for (const key of ['unset', 'kind']) Reflect.deleteProperty(jsonSchema, key);
}
