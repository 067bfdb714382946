import { readFileSync } from 'node:fs';
import { fileErrorOf } from '#domain/errors.ts';
import { isRecord } from '#domain/record.ts';
import { failure, type Result, success } from '#domain/result.ts';
import type { ProcessEnv } from '#domain/runtime.ts';
import { kindOfValue } from '#domain/say-issue.ts';
import { describeFileProblem, parseYamlDocument, valueOfYaml } from '#formats/yaml.ts';
import { shortNames } from './short-names.ts';

/** The settings of one source, by their dotted names. `origin` says in messages where a setting came from. */
export type Layer = ReadonlyMap<string, { readonly value: unknown; readonly origin: string }>;

const PREFIX = 'ATTUNE__';
const FILE_SUFFIX = '_FILE';

/**
 * Reads the settings of the environment: `ATTUNE__SECTION__KEY` and the short names. A variable that ends in `_FILE`
 * names a file that holds the value; its last newline is left out.
 */
export function environmentLayer(env: ProcessEnv): Result<Layer, readonly string[]> {
  const read = Object.keys(env).flatMap((name) => readVariable(name, env));
  const problems = read.flatMap((one) => (one.ok ? [] : [one.error]));
  if (problems.length > 0) return failure(problems);
  return success(new Map(read.flatMap((one) => (one.ok ? [[one.value.path, one.value] as const] : []))));
}

interface Variable {
  readonly path: string;
  readonly value: string;
  readonly origin: string;
}

/** Reads one variable. Empty: the variable is no setting of ours. */
function readVariable(name: string, env: ProcessEnv): readonly Result<Variable, string>[] {
  const value = env[name];
  const plain = name.endsWith(FILE_SUFFIX) ? name.slice(0, -FILE_SUFFIX.length) : name;
  const path = settingOf(plain);
  if (path === undefined || value === undefined) return [];
  if (plain === name) return [success({ path, value, origin: name })];
  if (env[plain] !== undefined) return [failure(`${name} and ${plain} are both set: keep one`)];
  const secret = readSecretFile(value);
  return [secret.ok ? success({ path, value: secret.value, origin: name }) : failure(`${name}: ${secret.error}`)];
}

function settingOf(name: string): string | undefined {
  if (!name.startsWith(PREFIX)) return shortNames[name];
  return name.slice(PREFIX.length).toLowerCase().split('__').join('.');
}

/** Reads the value in the file that a variable `…_FILE` names, without its last newline. The error says why it cannot. */
export function readSecretFile(path: string): Result<string, string> {
  try {
    return success(readFileSync(path, 'utf8').replace(/\r?\n$/, ''));
  } catch (error) {
    return failure(`${path} cannot be read: ${fileErrorOf(error)}`);
  }
}

/** Reads the settings of a YAML file. Errors name the file, and the line on which YAML is broken. */
export function fileLayer(path: string): Result<Layer, readonly string[]> {
  const read = readSettings(path);
  if (!read.ok) return failure([read.error]);
  const { sections, placeOf } = read.value;
  const originOf = (name: string): string => [path, ...(placeOf(name) ?? [])].join(':');
  return success(new Map(settingsOf(sections).map(([name, value]) => [name, { value, origin: originOf(name) }])));
}

interface SettingsFile {
  readonly sections: Readonly<Record<string, unknown>>;
  /** The line and the column of a setting, by its dotted name; none where it comes from an anchor. */
  placeOf(name: string): readonly [line: number, column: number] | undefined;
}

/** Reads the sections of a YAML file. The error names the file, and the place in it where there is one. */
export function readSettings(path: string): Result<SettingsFile, string> {
  try {
    const parsed = parseYamlDocument(readFileSync(path));
    if (!parsed.ok) return failure(describeFileProblem(path, parsed.error));
    const [lossy] = parsed.value.lossyValues();
    if (lossy) return failure(describeFileProblem(path, lossy));
    const read = valueOfYaml(parsed.value.document);
    if (!read.ok) return failure(`${path}: ${read.error}`);
    const sections = read.value ?? {};
    const { placeOfKey } = parsed.value;
    const placeOf = (name: string): [number, number] | undefined => {
      const place = placeOfKey(name.split('.')) ?? placeOfKey(name.split('.').slice(0, 1));
      return place && [place.line, place.column];
    };
    return isRecord(sections)
      ? success({ sections, placeOf })
      : failure(`${path}: expected sections and keys, not ${kindOfValue(sections)}`);
  } catch (error) {
    return failure(`${path} cannot be read: ${fileErrorOf(error)}`);
  }
}

/** The settings of the command line. A value that is undefined was not given. `options` are their names there. */
export function flagLayer(flags: Readonly<Record<string, unknown>>, options: Readonly<Record<string, string>>): Layer {
  const given = Object.entries(flags).filter(([, value]) => value !== undefined);
  return new Map(given.map(([name, value]) => [name, { value, origin: options[name] ?? `flag for ${name}` }]));
}

/**
 * Names the settings of a file. Sections are one level deep; what lies deeper is the value of a setting. A key without
 * a value was not given.
 */
function settingsOf(file: Readonly<Record<string, unknown>>): readonly (readonly [string, unknown])[] {
  const all = Object.entries(file).flatMap(([section, value]) =>
    isRecord(value)
      ? Object.entries(value).map(([key, one]) => [`${section}.${key}`, one] as const)
      : [[section, value] as const],
  );
  return all.filter(([, value]) => value !== null);
}
