import { createReadStream, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { ask, withApi } from '#cli/api-client/client.ts';
import { clientOptions, clientSettings } from '#cli/options.ts';
import { offering, required } from '#cli/parameter.ts';
import { withProgress, write } from '#cli/terminal.ts';
import { defineVerb } from '#cli/verb.ts';
import { writeAnswer } from '#cli/wiring/write-answer.ts';
import { fileErrorOf } from '#domain/errors.ts';
import { failure, type Result, success } from '#domain/result.ts';
import { archiveDirectory } from '#packs/archive.ts';
import { leftOfArchive } from '#packs/archive-links.ts';
import { listPackFiles } from '#packs/pack-files.ts';
import { type PackWithActions, packWithActions } from '#wire/packs.ts';

export const verb = defineVerb({
  details:
    'The version before it stays on the server for packs rollback. Left out of a directory, and listed, are .git, .env*, node_modules and the like, what Git ignores by a .gitignore in it or above it, and what its .attuneignore names, where a line such as !dist/ brings back what is left out otherwise; left out of both, links to what is no file of the pack. The token needs the scope admin.',
  arguments: {
    path: offering('packs-here', required('path', 'Directory with a pack.yaml, or a tar.gz of such a directory')),
  },
  options: clientOptions(),
  settings: clientSettings,
  examples: [['attune-agent packs install ./mail', 'Sends the pack in that directory to the server']],
  action: async ({ path }, { format }, { sources }) =>
    await withApi(sources, async (api) => {
      const body = await openArchive(path);
      if (!body.ok) return body;
      const headers = { 'content-type': 'application/gzip' };
      const sending = ask(api.call('POST', 'packs', { body: body.value.stream, headers }), packWithActions);
      const sent = await withProgress(`Sending ${path}`, sending);
      if (!sent.ok) return sent;
      if (body.value.left.length > 0) await write(process.stderr, `left out: ${body.value.left.join(', ')}\n`);
      await writeAnswer(format, sent.value, describePack(sent.value));
      return success(undefined);
    }),
});

/** One line that names a pack of the server with its version and actions. */
export function describePack({ ref, version, actions }: PackWithActions): string {
  return `pack ${ref} ${version}: ${actions.map((one) => one.ref).join(', ') || 'no actions'}`;
}

interface PackArchive {
  readonly stream: ReadableStream;
  /** The paths of what does not become a part of the pack. */
  readonly left: readonly string[];
}

const omission = { isIgnoredAbove: true } as const;

async function openArchive(path: string): Promise<Result<PackArchive, string>> {
  try {
    const isDirectory = statSync(path).isDirectory();
    const stream = isDirectory ? archiveDirectory(resolve(path), omission) : createReadStream(path);
    const left = isDirectory
      ? (await listPackFiles(resolve(path), omission)).left
      : await leftOfArchive(createReadStream(path));
    return success({ stream: Readable.toWeb(stream) as ReadableStream, left });
  } catch (error) {
    return failure(`${path} cannot be read: ${fileErrorOf(error)}`);
  }
}
