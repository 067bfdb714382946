import { configFiles, type FileSources } from './config-files.ts';
import { fileLayer, readSecretFile } from './layers.ts';
import { type Config, secrets } from './schema.ts';
import { variablesOf } from './short-names.ts';
import { decoded, secretsOfUrl } from './url-secrets.ts';

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
    return kind === 'whole' ? [value] : secretsOfUrl(value);
  });
  return values.filter((value) => Buffer.byteLength(value) >= LEAST_BYTES);
}

/**
 * The secrets among the variables of an environment, in the files that they name, and in files with settings: for what is
 * said before a configuration is read, or when it cannot be.
 */
export function sourceSecrets(sources: FileSources): readonly string[] {
  const files = configFiles(sources).map(fileLayer);
  const values = Object.entries(secrets).flatMap(([name, kind]) => {
    const ofVariables = variablesOf(name).flatMap((one) => [sources.env[one], contentOf(sources.env[`${one}_FILE`])]);
    const ofFiles = files.map((layer) => (layer.ok ? layer.value.get(name)?.value : undefined));
    return [...ofVariables, ...ofFiles].flatMap((value) => {
      if (typeof value !== 'string') return [];
      if (kind === 'whole') return [value];
      const [, password = ''] = /^[^/]*\/*[^/:@]*:(.*)@/s.exec(value) ?? [];
      return [password, decoded(password), ...(URL.canParse(value) ? secretsOfUrl(value).slice(2) : [])];
    });
  });
  return values.filter((value) => Buffer.byteLength(value) >= LEAST_BYTES);
}

/** The value in a file that a variable names; undefined if it cannot be read, of which loading complains. */
function contentOf(path: string | undefined): string | undefined {
  const read = path === undefined ? undefined : readSecretFile(path);
  return read?.ok ? read.value : undefined;
}

function valueAt(config: Config, name: string): string | undefined {
  const value = name.split('.').reduce<unknown>((inner, key) => Object(inner)[key], config);
  return typeof value === 'string' ? value : undefined;
}
