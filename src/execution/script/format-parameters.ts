import { stringify } from 'yaml';
import type { ParameterFormat, Parameters } from '#domain/action.ts';
import { isRecord } from '#domain/record.ts';

/** Parameters as an action reads them: json is one line; dotenv is sorted `key='v'` with nested keys dotted. */
export function formatParameters(parameters: Parameters, format: ParameterFormat): string {
  switch (format) {
    case 'json':
      return `${JSON.stringify(parameters)}\n`;
    case 'yaml':
      return stringify(parameters);
    case 'dotenv':
      return flatten(parameters, '')
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, value]) => `${key}='${value.replaceAll("'", "'\\''")}'\n`)
        .join('');
  }
}

/** Arrays stay whole, as JSON; null is empty. */
function flatten(value: Parameters, prefix: string): readonly (readonly [string, string])[] {
  return Object.entries(value).flatMap(([key, one]) => {
    if (isRecord(one)) return flatten(one, `${prefix}${key}.`);
    return [[`${prefix}${key}`, textOf(one)] as const];
  });
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
