import { createWriteStream, mkdirSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { dirname, resolve, sep } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { z } from 'zod';
import type { Api } from '#cli/api-client/api-client.ts';
import { ask, list, MOST_OF_A_PAGE, queryOf, withApi } from '#cli/api-client/client.ts';
import { clientSettings, type ListFormat, listOptions } from '#cli/options.ts';
import { executionNumber, offering, option, optional, optionWithDefault, wholeNumber } from '#cli/parameter.ts';
import { showAge, showTime, write } from '#cli/terminal.ts';
import { defineVerb } from '#cli/verb.ts';
import { writeAnswer } from '#cli/wiring/write-answer.ts';
import { createSha256 } from '#crypto/sha256.ts';
import { fileErrorOf } from '#domain/errors.ts';
import { failure, type Result, success } from '#domain/result.ts';
import { type Artifact, type ArtifactQuery, artifactPage } from '#wire/artifacts.ts';

export const verb = defineVerb({
  arguments: {
    execution: executionNumber(
      offering('executions', optional('execution', 'Number of an execution, whose artifacts alone are listed')),
    ),
  },
  options: {
    ref: offering('artifacts', option('--ref <ref>', 'Lists all versions of one artifact: ACTION/NAME')),
    limit: wholeNumber(optionWithDefault('--limit <count>', '50', 'Largest number of artifacts'), 1, MOST_OF_A_PAGE),
    download: option('--download <directory>', 'Saves the artifacts there, and checks the checksum of each', {
      conflicts: ['watch'],
    }),
    ...listOptions(),
  },
  settings: clientSettings,
  examples: [
    ['attune-agent artifacts', 'Lists the newest artifacts'],
    ['attune-agent artifacts 1 --download results', 'Saves what execution 1 has left into the directory results'],
  ],
  action: async ({ execution }, { ref, limit, download: directory, format, watch }, { sources }) => {
    const find = async (api: Api): Promise<Result<ArtifactPage, string>> => {
      const query = queryOf<ArtifactQuery>({ execution, ref, limit });
      const found = await ask(api.call('GET', `artifacts?${query}`), artifactPage);
      if (!found.ok) return found;
      if (execution !== undefined && found.value.artifacts.length === 0) {
        const one = await api.call('GET', `executions/${execution}`);
        if (!one.ok) return one;
      }
      return found;
    };
    if (directory !== undefined)
      return await withApi(sources, async (api) => {
        const found = await find(api);
        return found.ok ? await downloadAll(api, found.value.artifacts, { directory, format }) : found;
      });
    return await list(sources, { format, watch }, async (api) => {
      const found = await find(api);
      if (!found.ok) return found;
      return success({ answer: found.value, rows: rowsOf(found.value.artifacts, format === 'wide') });
    });
  },
});

type ArtifactPage = z.input<typeof artifactPage>;

function rowsOf(all: readonly Artifact[], isWide: boolean): readonly (readonly string[])[] {
  return [
    ['ID', 'EXECUTION', 'ARTIFACT', 'VERSION', 'BYTES', isWide ? 'CREATED' : 'AGE'],
    ...all.map((one) => [
      ...[String(one.id), String(one.execution ?? ''), one.ref, String(one.version), String(one.size_bytes)],
      isWide ? showTime(one.created) : showAge(one.created),
    ]),
  ];
}

interface Target {
  readonly directory: string;
  readonly format: ListFormat;
}

/** Saves artifacts, and prints the path of each as soon as it is there, or in other formats all of them at the end. */
async function downloadAll(
  api: Api,
  all: readonly Artifact[],
  { directory, format }: Target,
): Promise<Result<void, string>> {
  if (all.length === 0) await write(process.stderr, 'there are no artifacts to save\n');
  const paths: (Artifact & { readonly path: string })[] = [];
  for (const one of all) {
    const target = resolve(directory, one.name);
    if (!target.startsWith(`${resolve(directory)}${sep}`)) return failure(`'${one.name}' leads out of ${directory}`);
    const saved = await download(api, one, target);
    if (!saved.ok) return saved;
    if (format === 'json' || format === 'yaml') paths.push({ ...one, path: target });
    else await write(process.stdout, `${target}\n`);
  }
  if (format === 'json' || format === 'yaml') await writeAnswer(format, { artifacts: paths }, '');
  return success(undefined);
}

/** Saves one artifact. Nothing is left behind if the download breaks off, or if the checksum is wrong. */
async function download(api: Api, { id, name, checksum }: Artifact, target: string): Promise<Result<void, string>> {
  const body = await api.open(`artifacts/${id}/content`);
  if (!body.ok) return body;
  const unfinished = `${target}.${process.pid}.part`;
  const hash = createSha256();
  try {
    mkdirSync(dirname(target), { recursive: true });
    const source = Readable.fromWeb(body.value as Parameters<typeof Readable.fromWeb>[0]);
    source.on('data', (chunk) => hash.add(chunk));
    await pipeline(source, createWriteStream(unfinished, { flags: 'wx' }));
    if (hash.hex() !== checksum) return failure(`${name}: what arrived has another checksum`);
    await rename(unfinished, target);
    return success(undefined);
  } catch (error) {
    return failure(`${name}: ${fileErrorOf(error)}`);
  } finally {
    await rm(unfinished, { force: true });
  }
}
