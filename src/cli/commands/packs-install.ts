import { createReadStream, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { ask, withApi } from '#cli/api-client/client.ts';
import { clientOptions, clientSettings } from '#cli/options.ts';
import { required } from '#cli/parameter.ts';
import { withProgress, write } from '#cli/terminal.ts';
import { defineVerb } from '#cli/verb.ts';
import { messageOf } from '#domain/errors.ts';
import { failure, type Result, success } from '#domain/result.ts';
import { archiveDirectory } from '#packs/archive.ts';
import { packWithActions } from '#wire/packs.ts';

export const verb = defineVerb({
  details: 'It replaces an older version of the same pack. The token needs the scope admin.',
  arguments: { path: required('path', 'Directory with a pack.yaml, or a tar.gz of such a directory') },
  options: clientOptions(),
  settings: clientSettings,
  examples: [['attune-agent packs install packs/sample', 'Sends the pack in that directory to the server']],
  action: async ({ path }, { format }, { sources }) =>
    await withApi(sources, async (api) => {
      const body = openArchive(path);
      if (!body.ok) return body;
      const headers = { 'content-type': 'application/gzip' };
      const sending = ask(api.call('POST', 'packs', { body: body.value, headers }), packWithActions);
      const sent = await withProgress(`Sending ${path}`, sending);
      if (!sent.ok) return sent;
      const { ref, version, actions } = sent.value;
      const text = `pack ${ref} ${version}: ${actions.map((one) => one.ref).join(', ') || 'no actions'}`;
      await write(process.stdout, `${format === 'json' ? JSON.stringify(sent.value, null, 2) : text}\n`);
      return success(undefined);
    }),
});

function openArchive(path: string): Result<ReadableStream, string> {
  try {
    const isDirectory = statSync(path).isDirectory();
    const stream = isDirectory ? archiveDirectory(resolve(path)) : createReadStream(path);
    return success(Readable.toWeb(stream) as ReadableStream);
  } catch (error) {
    return failure(`${path} cannot be read: ${messageOf(error)}`);
  }
}
