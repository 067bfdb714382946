import { readFileSync } from 'node:fs';
import type { Action, Parameters } from '#domain/action.ts';
import { fileErrorOf } from '#domain/errors.ts';
import { isRecord } from '#domain/record.ts';
import { failure, type Result, success } from '#domain/result.ts';
import { decodeText } from '#formats/decode-text.ts';
import { parseJson } from '#formats/json.ts';
import { writeOutMerges } from '#formats/merge-keys.ts';
import { describeFileProblem, MOST_YAML_BYTES, parseYamlDocument, valueOfYaml } from '#formats/yaml.ts';
import { keepTextOfValues } from '#packs/keep-text.ts';
import { parameterFromText } from '#packs/parameter-schema.ts';

/**
 * Reads the parameters of `--params` and of `-p`, which wins. The text of `-p` becomes the type that the schema says.
 * The error is a sentence for the user.
 */
export function readParameters(
  options: { readonly param: readonly string[]; readonly params?: string },
  schema: Action['parameterSchema'],
): Result<Parameters, string> {
  const base = options.params === undefined ? success<Parameters>({}) : readParameterFile(options.params, schema);
  if (!base.ok) return base;
  const pairs: (readonly [string, unknown])[] = [];
  for (const text of options.param) {
    const pair = splitPair(text);
    if (!pair) return failure(`-p ${text}: expected key=value`);
    const [key, written] = pair;
    if (pairs.some(([name]) => name === key))
      return failure(`-p ${key}: it is given twice; a list is one value, such as -p '${key}=[1,2]'`);
    const value = parameterFromText(key, written, schema);
    if (!value.ok) return failure(`-p ${key}: ${value.error}`);
    pairs.push([key, value.value]);
  }
  return success({ ...base.value, ...Object.fromEntries(pairs) });
}

/** Divides `key=value`, whose value may have more such signs; undefined: it has no key. */
export function splitPair(text: string): readonly [key: string, value: string] | undefined {
  const at = text.indexOf('=');
  return at < 1 ? undefined : [text.slice(0, at), text.slice(at + 1)];
}

/** Reads a parameter file in YAML, which includes JSON; one whose name says that it is JSON is nothing else. */
function readParameterFile(file: string, schema: Action['parameterSchema']): Result<Parameters, string> {
  try {
    const bytes = readFileSync(file === '-' ? 0 : file);
    const read = /\.json$/i.test(file) ? readJson(file, bytes) : readYaml(file, bytes, schema);
    if (!read.ok) return failure(`--params${read.error}`);
    const value = read.value ?? {};
    return isRecord(value) ? success(value) : failure(`--params ${file}: expected an object of parameters`);
  } catch (error) {
    const meant = /^\s*[{[]/.test(file) ? '; it takes the path of a file, and -p KEY=VALUE one parameter' : '';
    return failure(`--params ${file}: ${fileErrorOf(error)}${meant}`);
  }
}

/** Reads JSON as the API reads it: YAML would take `NaN`, `yes` and `'x'` for something that JSON is not. */
function readJson(file: string, bytes: Uint8Array): Result<unknown, string> {
  if (bytes.length > MOST_YAML_BYTES) return failure(` ${file}: larger than ${MOST_YAML_BYTES} bytes`);
  const text = decodeText(bytes);
  if (!text.ok) return failure(`: ${describeFileProblem(file, text.error)}`);
  const read = parseJson(text.value);
  return read.ok ? read : failure(` ${file}: ${read.error}; its name says that it is JSON: that of YAML is .yaml`);
}

/** Reads YAML. Texts are kept as they were written. */
function readYaml(file: string, bytes: Uint8Array, schema: Action['parameterSchema']): Result<unknown, string> {
  const parsed = parseYamlDocument(bytes);
  if (!parsed.ok) return failure(`: ${describeFileProblem(file, parsed.error)}`);
  const { document } = parsed.value;
  writeOutMerges(document);
  keepTextOfValues(document.contents, schema);
  const [lossy] = parsed.value.lossyValues();
  if (lossy) return failure(`: ${describeFileProblem(file, lossy)}`);
  const read = valueOfYaml(document);
  return read.ok ? read : failure(` ${file}: ${read.error}`);
}
