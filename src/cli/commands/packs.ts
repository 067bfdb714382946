import { createReadStream, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { ask, type ClientOptions, show, withApi } from '#cli/api-client/client.ts';
import { withProgress, write } from '#cli/terminal.ts';
import { messageOf } from '#domain/errors.ts';
import { failure, type Result, success } from '#domain/result.ts';
import type { ProcessEnv } from '#domain/runtime.ts';
import { archiveDirectory } from '#packs/archive.ts';
import { packList, packWithActions } from '#wire/packs.ts';

export async function listPacks(options: ClientOptions, env: ProcessEnv): Promise<number> {
  return await withApi(options, env, async (api) => {
    const found = await ask(api.call('GET', 'packs'), packList);
    if (!found.ok) return found;
    const rows = found.value.packs.map((one) => [one.ref, one.version, String(one.actions), one.label]);
    await show(options, found.value, [['PACK', 'VERSION', 'ACTIONS', 'LABEL'], ...rows]);
    return success(undefined);
  });
}

/** Sends a directory or a tar.gz of this machine to the server. */
export async function installPack(path: string, options: ClientOptions, env: ProcessEnv): Promise<number> {
  return await withApi(options, env, async (api) => {
    const body = openArchive(path);
    if (!body.ok) return body;
    const headers = { 'content-type': 'application/gzip' };
    const sending = ask(api.call('POST', 'packs', { body: body.value, headers }), packWithActions);
    const sent = await withProgress(`Sending ${path}`, sending);
    if (!sent.ok) return sent;
    const { ref, version, actions } = sent.value;
    const text = `pack ${ref} ${version}: ${actions.map((one) => one.ref).join(', ') || 'no actions'}`;
    await write(process.stdout, `${options.format === 'json' ? JSON.stringify(sent.value, null, 2) : text}\n`);
    return success(undefined);
  });
}

function openArchive(path: string): Result<ReadableStream, string> {
  try {
    const isDirectory = statSync(path).isDirectory();
    const stream = isDirectory ? archiveDirectory(resolve(path)) : createReadStream(path);
    return success(Readable.toWeb(stream) as ReadableStream);
  } catch (error) {
    return failure(`${path} cannot be read: ${messageOf(error)}`);
  }
}
