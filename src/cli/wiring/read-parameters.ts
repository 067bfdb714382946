import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { Action, Parameters } from '#domain/action.ts';
import { messageOf } from '#domain/errors.ts';
import { failure, type Result, success } from '#domain/result.ts';
import { parameterFromText } from '#packs/parameter-schema.ts';

/** Those of `--params`, then those of `-p`, whose text becomes what the schema says. The error is for the user. */
export function readParameters(
  options: { readonly param: readonly string[]; readonly params?: string },
  schema: Action['parameterSchema'],
): Result<Parameters, string> {
  const base = options.params === undefined ? success<Parameters>({}) : readParameterFile(options.params);
  if (!base.ok) return base;
  const pairs: (readonly [string, unknown])[] = [];
  for (const text of options.param) {
    const at = text.indexOf('=');
    if (at < 1) return failure(`-p ${text}: expected key=value`);
    const key = text.slice(0, at);
    pairs.push([key, parameterFromText(key, text.slice(at + 1), schema)]);
  }
  return success({ ...base.value, ...Object.fromEntries(pairs) });
}

/** YAML reads JSON too. */
function readParameterFile(file: string): Result<Parameters, string> {
  try {
    const value: unknown = parse(readFileSync(file === '-' ? 0 : file, 'utf8'), { maxAliasCount: 100 }) ?? {};
    if (typeof value === 'object' && !Array.isArray(value))
      return success(Object.fromEntries(Object.entries(value ?? {})));
    return failure(`--params ${file}: expected an object of parameters`);
  } catch (error) {
    return failure(`--params ${file}: ${messageOf(error)}`);
  }
}
