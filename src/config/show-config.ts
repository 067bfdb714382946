import { stringify } from 'yaml';
import { HIDDEN_VALUE } from '#domain/masks.ts';
import { type Config, secrets } from './schema.ts';

/** The configuration as YAML that could be a configuration file, with its secrets masked. */
export function showConfig(config: Config): string {
  const masked = Object.entries(config).map(([section, value]) => [
    section,
    typeof value === 'object'
      ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, mask(`${section}.${key}`, one)]))
      : mask(section, value),
  ]);
  return stringify(Object.fromEntries(masked), { keepUndefined: false });
}

function mask(name: string, value: unknown): unknown {
  const kind = secrets[name];
  if (kind === undefined || typeof value !== 'string') return value;
  if (kind === 'whole') return HIDDEN_VALUE;
  const url = new URL(value);
  if (url.password !== '') url.password = HIDDEN_VALUE;
  return url.href;
}
