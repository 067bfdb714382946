import type { Action, PackRuntime } from '#domain/action.ts';
import { families, findFamily } from '#domain/families.ts';
import { nearest } from '#domain/nearest.ts';
import { isRecord } from '#domain/record.ts';
import { shown } from '#domain/say-issue.ts';
import type { SchemaFlaw } from './schema-keywords.ts';
import { subschemasOf } from './subschemas.ts';

/** Keywords of which the first must not be above the second. */
const BOUNDS = [
  ['minimum', 'maximum'],
  ['exclusiveMinimum', 'exclusiveMaximum'],
  ['minimum', 'exclusiveMaximum'],
  ['exclusiveMinimum', 'maximum'],
  ['minLength', 'maxLength'],
  ['minItems', 'maxItems'],
  ['minProperties', 'maxProperties'],
] as const;

/** The formats that are checked, and others of JSON Schema and OpenAPI that inform people. */
const FORMATS =
  'base64 base64url binary byte cidr cidr-v6 credit_card cuid cuid2 date date-time double duration e164 email emoji float guid hostname iban idn-email idn-hostname int32 int64 ipv4 ipv6 iri iri-reference json-pointer jwt ksuid mac nanoid password regex relative-json-pointer time ulid uri uri-reference uri-template uuid xid'.split(
    ' ',
  );

/** Bounds of the parameters of an action that no value keeps to. */
export function flawsOfBounds(
  whole: Readonly<Record<string, unknown>>,
  path: readonly string[],
): readonly SchemaFlaw[] {
  return subschemasOf(whole, path).flatMap(({ schema, at }) =>
    BOUNDS.flatMap(([low, high]) => {
      const [least, most] = [schema[low], schema[high]];
      const isEmpty = Number(least) > Number(most) || (least === most && `${low}${high}`.includes('exclusive'));
      return typeof least === 'number' && typeof most === 'number' && isEmpty
        ? [{ path: [...at, low], message: `no value has both ${low} ${least} and ${high} ${most}` }]
        : [];
    }),
  );
}

/** Finds required parameters that nobody can give, because there is none of that name, at any depth. */
export function flawsOfRequired(
  whole: Readonly<Record<string, unknown>>,
  path: readonly PropertyKey[],
): readonly SchemaFlaw[] {
  const all = [{ schema: whole, at: path.slice(0, -1) }, ...subschemasOf(whole, path)];
  return all.flatMap(({ schema: { properties, required, additionalProperties }, at }) => {
    if (!isRecord(properties) || !Array.isArray(required) || additionalProperties !== false) return [];
    const known = Object.keys(properties);
    const unknown = required.map(String).filter((name) => !known.includes(name));
    return unknown.map((name) => ({
      path: [...at, 'required'],
      message: said(`there is no parameter ${shown(name)}`, name, known),
    }));
  });
}

/** A sentence for each name of an action that nothing here knows: it may be mistyped, or one of somebody else. */
export function notesOnUnknownNames({ ref, requiredRuntimes, parameterSchema }: Action): readonly string[] {
  const wanted = requiredRuntimes.filter((name) => !findFamily(name));
  const formats = subschemasOf(parameterSchema ?? {}, ['properties']).flatMap(({ schema: { format } }) => format);
  const unknown = formats.filter((one) => typeof one === 'string' && !FORMATS.includes(one));
  return [
    ...wanted.map((name) =>
      said(
        `required_worker_runtimes: ${shown(name)} is no runtime that the agent knows`,
        name,
        families.map((one) => one.name),
      ),
    ),
    ...unknown.map((name) => said(`format: ${shown(name)} is none that is checked`, String(name), FORMATS)),
  ].map((sentence) => `${ref}: ${sentence}`);
}

const ENVIRONMENT_TYPES = ['none', 'venv', 'virtualenv', 'node_modules'];

/** A sentence for each type of environment that is most like a usual one: it is a name, and `none` alone has a meaning. */
export function notesOnEnvironments({ ref, config }: PackRuntime): readonly string[] {
  const { execution_config: general, versions = [] } = config;
  return [general, ...versions.map((one) => one.execution_config)].flatMap((one) => {
    const name = one?.environment?.env_type;
    if (name === undefined || ENVIRONMENT_TYPES.includes(name) || findFamily(name)) return [];
    const near = nearest(name.toLowerCase(), ENVIRONMENT_TYPES);
    return near === undefined ? [] : [`${ref}: env_type: ${shown(name)} is a name of its own; did you mean ${near}?`];
  });
}

function said(sentence: string, name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  return near === undefined ? sentence : `${sentence}; did you mean ${near}?`;
}
