import { type Config, secrets } from './schema.ts';

/**
 * The bytes that a secret must have to be masked. Shorter secrets are often words (guest, postgres), and masking would
 * hide those words where they are no secret.
 */
const LEAST_BYTES = 10;

/**
 * The values in the configuration that must not be shown: tokens, keys, and passwords of URLs, each as it is written
 * and decoded. Values of fewer than ten bytes are left out; show-config.ts masks every secret setting, however short
 * its value is.
 */
export function secretValues(config: Config): readonly string[] {
  const values = Object.entries(secrets).flatMap(([name, kind]) => {
    const value = valueAt(config, name);
    if (value === undefined) return [];
    if (kind === 'whole') return [value];
    const { password } = new URL(value);
    return [password, decoded(password)];
  });
  return values.filter((value) => Buffer.byteLength(value) >= LEAST_BYTES);
}

/**
 * The secrets among the variables of an environment that are settings: for what is said before a configuration is read,
 * or when it cannot be.
 */
export function environmentSecrets(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  const values = Object.entries(secrets).flatMap(([name, kind]) => {
    const inner = name.toUpperCase().replaceAll('.', '__');
    const value = env[`ATTUNE__${inner}`] ?? env[`ATTUNE_${inner}`] ?? '';
    if (kind === 'whole') return [value];
    const [, password = ''] = /^[^/]*\/*[^/:@]*:(.*)@/s.exec(value) ?? [];
    return [password, decoded(password)];
  });
  return values.filter((value) => Buffer.byteLength(value) >= LEAST_BYTES);
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
