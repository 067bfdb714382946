import { Document, isMap, isScalar, type Pair } from 'yaml';
import { HIDDEN_VALUE } from '#domain/masks.ts';
import { isRecord } from '#domain/record.ts';
import type { LoadedConfig } from './load-config.ts';
import { type Config, secrets } from './schema.ts';
import { hideSecretsOfUrl } from './url-secrets.ts';

type Shown = Pick<LoadedConfig, 'config' | 'origins'>;

interface ShownSetting {
  readonly name: string;
  readonly value: unknown;
  /** An option, a variable, a file with its line, or `default`. */
  readonly origin: string;
}

/** The settings that have a value, with their secrets masked, and where each comes from. */
export function listConfig({ config, origins }: Shown): readonly ShownSetting[] {
  return Object.entries(masked(config)).flatMap(([section, value]) => {
    const settings = isRecord(value)
      ? Object.entries(value).map(([key, one]) => [`${section}.${key}`, one] as const)
      : [[section, value] as const];
    return settings
      .filter(([, one]) => one !== undefined)
      .map(([name, one]) => ({ name, value: one, origin: origins.get(name) ?? 'default' }));
  });
}

/** The configuration as YAML that could be a configuration file, with its secrets masked and where each setting comes from. */
export function showConfig({ config, origins }: Shown): string {
  const document = new Document(masked(config), { keepUndefined: false });
  for (const pair of pairsOf(document.contents)) {
    const section = String(pair.key);
    const originOf = (name: string): string => ` ${origins.get(name) ?? 'default'}`;
    if (!isMap(pair.value)) annotate(pair, originOf(section));
    else for (const one of pairsOf(pair.value)) annotate(one, originOf(`${section}.${String(one.key)}`));
  }
  return document.toString({ lineWidth: 0 });
}

function pairsOf(node: unknown): readonly Pair[] {
  return isMap(node) ? node.items : [];
}

/** Puts a comment behind a setting, or above one that has several lines. */
function annotate({ key, value }: Pair, comment: string): void {
  if (isScalar(value)) value.comment = comment;
  else if (isScalar(key)) key.commentBefore = comment;
}

function masked(config: Config): Readonly<Record<string, unknown>> {
  const settings = Object.entries(config).map(([section, value]) => [
    section,
    isRecord(value)
      ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, mask(`${section}.${key}`, one)]))
      : mask(section, value),
  ]);
  return Object.fromEntries(settings);
}

function mask(name: string, value: unknown): unknown {
  const kind = secrets[name];
  if (kind === undefined || typeof value !== 'string') return value;
  if (kind === 'whole') return HIDDEN_VALUE;
  return hideSecretsOfUrl(value);
}
