import { type Config, secrets } from './schema.ts';

/** The values in the configuration that must not be shown: tokens, keys, and passwords of URLs, as they are and decoded. */
export function secretValues(config: Config): readonly string[] {
  return Object.entries(secrets).flatMap(([name, kind]) => {
    const value = valueAt(config, name);
    if (value === undefined) return [];
    if (kind === 'whole') return [value];
    const { password } = new URL(value);
    return password === '' ? [] : [password, decoded(password)];
  });
}

function valueAt(config: Config, name: string): string | undefined {
  const value = name.split('.').reduce<unknown>((inner, key) => Object(inner)[key], config);
  return typeof value === 'string' ? value : undefined;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
