import { readFileSync } from 'node:fs';
import type { Action, Parameters } from '#domain/action.ts';
import { fileErrorOf } from '#domain/errors.ts';
import { isRecord } from '#domain/record.ts';
import { failure, type Result, success } from '#domain/result.ts';
import { writeOutMerges } from '#formats/merge-keys.ts';
import { describeFileProblem, parseYamlDocument, valueOfYaml } from '#formats/yaml.ts';
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
    const at = text.indexOf('=');
    if (at < 1) return failure(`-p ${text}: expected key=value`);
    const key = text.slice(0, at);
    if (pairs.some(([name]) => name === key))
      return failure(`-p ${key}: it is given twice; a list is one value, such as -p '${key}=[1,2]'`);
    const value = parameterFromText(key, text.slice(at + 1), schema);
    if (!value.ok) return failure(`-p ${key}: ${value.error}`);
    pairs.push([key, value.value]);
  }
  return success({ ...base.value, ...Object.fromEntries(pairs) });
}

/** Reads a parameter file in YAML, which includes JSON. Texts are kept as they were written. */
function readParameterFile(file: string, schema: Action['parameterSchema']): Result<Parameters, string> {
  try {
    const parsed = parseYamlDocument(readFileSync(file === '-' ? 0 : file));
    if (!parsed.ok) return failure(`--params: ${describeFileProblem(file, parsed.error)}`);
    const { document } = parsed.value;
    writeOutMerges(document);
    keepTextOfValues(document.contents, schema);
    const [lossy] = parsed.value.lossyValues();
    if (lossy) return failure(`--params: ${describeFileProblem(file, lossy)}`);
    const read = valueOfYaml(document);
    if (!read.ok) return failure(`--params ${file}: ${read.error}`);
    const value = read.value ?? {};
    return isRecord(value) ? success(value) : failure(`--params ${file}: expected an object of parameters`);
  } catch (error) {
    const meant = /^\s*[{[]/.test(file) ? '; it takes the path of a file, and -p KEY=VALUE one parameter' : '';
    return failure(`--params ${file}: ${fileErrorOf(error)}${meant}`);
  }
}
