import { createHash } from 'node:crypto';
import { createWriteStream, mkdirSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { dirname, resolve, sep } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Api } from '#cli/api-client/api-client.ts';
import { ask, type ClientOptions, show, withApi } from '#cli/api-client/client.ts';
import { write } from '#cli/terminal.ts';
import { messageOf } from '#domain/errors.ts';
import { failure, type Result, success } from '#domain/result.ts';
import type { ProcessEnv } from '#domain/runtime.ts';
import { type Artifact, artifactPage } from '#wire/artifacts.ts';

export interface ArtifactsOptions extends ClientOptions {
  readonly ref?: string;
  readonly download?: string;
  readonly limit?: string;
}

/** The newest versions of artifacts, or those of one execution, which can be downloaded. */
export async function artifacts(
  execution: string | undefined,
  options: ArtifactsOptions,
  env: ProcessEnv,
): Promise<number> {
  return await withApi(options, env, async (api) => {
    const wanted = Object.entries({ execution, ref: options.ref, limit: options.limit });
    const query = new URLSearchParams(
      wanted.flatMap(([key, value]): [string, string][] => (value === undefined ? [] : [[key, value]])),
    );
    const found = await ask(api.call('GET', `artifacts?${query}`), artifactPage);
    if (!found.ok) return found;
    if (options.download !== undefined) return await downloadAll(api, found.value.artifacts, options.download);
    await show(options, found.value, [
      ['ID', 'EXECUTION', 'ARTIFACT', 'VERSION', 'BYTES', 'CREATED'],
      ...found.value.artifacts.map((one) => [
        ...[String(one.id), String(one.execution ?? ''), one.ref, String(one.version), String(one.size_bytes)],
        one.created,
      ]),
    ]);
    return success(undefined);
  });
}

async function downloadAll(api: Api, all: readonly Artifact[], directory: string): Promise<Result<void, string>> {
  for (const one of all) {
    const target = resolve(directory, one.name);
    if (!target.startsWith(`${resolve(directory)}${sep}`)) return failure(`'${one.name}' leads out of ${directory}`);
    const saved = await download(api, one, target);
    if (!saved.ok) return saved;
    await write(process.stdout, `${target}\n`);
  }
  return success(undefined);
}

/** Nothing stays of one that breaks off, or whose checksum is another. */
async function download(api: Api, { id, name, checksum }: Artifact, target: string): Promise<Result<void, string>> {
  const body = await api.open(`artifacts/${id}/content`);
  if (!body.ok) return body;
  const unfinished = `${target}.${process.pid}.part`;
  const hash = createHash('sha256');
  try {
    mkdirSync(dirname(target), { recursive: true });
    const source = Readable.fromWeb(body.value as Parameters<typeof Readable.fromWeb>[0]);
    source.on('data', (chunk) => hash.update(chunk));
    await pipeline(source, createWriteStream(unfinished));
    if (hash.digest('hex') !== checksum) return failure(`${name}: what arrived has another checksum`);
    await rename(unfinished, target);
    return success(undefined);
  } catch (error) {
    return failure(`${name}: ${messageOf(error)}`);
  } finally {
    await rm(unfinished, { force: true });
  }
}
