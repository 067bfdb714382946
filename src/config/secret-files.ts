import { resolve } from 'node:path';
import { configFiles, type FileSources } from './config-files.ts';
import { fileLayer } from './layers.ts';
import { type Config, secrets } from './schema.ts';
import { variablesOf } from './short-names.ts';

/** The files that hold secrets of the configuration: those that variables name, files with settings, and keys of TLS. */
export function secretFiles({ database, message_queue }: Config, sources: FileSources): readonly string[] {
  const names = Object.keys(secrets).filter((name) => secrets[name] !== 'address');
  const named = names.flatMap(variablesOf).flatMap((name) => sources.env[`${name}_FILE`] ?? []);
  const files = configFiles(sources).filter((path) => {
    const layer = fileLayer(path);
    return layer.ok && names.some((name) => layer.value.has(name));
  });
  const keys = [database.client_key, message_queue.client_key].flatMap((one) => one ?? []);
  return [...named, ...files, ...keys].map((path) => resolve(path));
}
