import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isRecord } from '#domain/record.ts';
import { failure, type Result, success } from '#domain/result.ts';
import type { ProcessEnv } from '#domain/runtime.ts';
import { fileLayer, type Layer, readSettings } from './layers.ts';

export interface FileSources {
  readonly env: ProcessEnv;
  /** The path of a YAML file, which must exist. Undefined: the file of `ATTUNE_CONFIG`, or none. */
  readonly file: string | undefined;
  /**
   * The directory whose `config.yaml` and `config.ENVIRONMENT.yaml` are read too, as Attune's Rust control plane does it.
   * Undefined for verbs that might run anywhere: a file that lies about must not redirect their tokens.
   */
  readonly directory?: string | undefined;
}

/**
 * Reads the settings of all files: the file of `ATTUNE_CONFIG`, or `config.yaml` of the directory, and over it
 * `config.ENVIRONMENT.yaml` of the directory, with `ATTUNE__ENVIRONMENT` or `development`. A file that is named by
 * option stands alone.
 */
export function filesLayer(sources: FileSources): Result<Layer, readonly string[]> {
  const layers = configFiles(sources).map(fileLayer);
  const broken = layers.flatMap((layer) => (layer.ok ? [] : layer.error));
  if (broken.length > 0) return failure(broken);
  return success(new Map(layers.flatMap((layer) => (layer.ok ? [...layer.value] : []))));
}

/** The paths of all files with settings, those that win last. */
export function configFiles({ env, file, directory }: FileSources): readonly string[] {
  const named = env['ATTUNE_CONFIG'];
  if (file !== undefined && file !== named) return [file];
  const base = named ?? (directory === undefined ? undefined : defaultFile(directory));
  if (base === undefined) return [];
  const overlay = directory && join(directory, `config.${env['ATTUNE__ENVIRONMENT'] ?? 'development'}.yaml`);
  return [base, ...(overlay && existsSync(overlay) ? [overlay] : [])];
}

/** Finds `config.yaml` where it is Attune's: it names a message queue. Many other programs have a file of that name. */
function defaultFile(directory: string): string | undefined {
  const path = join(directory, 'config.yaml');
  if (!existsSync(path)) return undefined;
  const read = readSettings(path);
  return read.ok && isRecord(read.value.sections['message_queue']) ? path : undefined;
}
