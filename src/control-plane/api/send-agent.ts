import type { Context } from 'hono';
import { accepts } from 'hono/accepts';
import type { AgentFile, AgentFiles, Architecture, Encoding } from './agent-files.ts';
import { contentRange, readRange } from './byte-range.ts';

/** Answers with an agent: whole or in part, in the encoding that the client likes best, or that it has it already. */
export async function sendAgent(
  agentFiles: AgentFiles,
  file: AgentFile & { readonly architecture: Architecture },
  context: Context,
): Promise<Response> {
  const { headers } = context.req.raw;
  const range = readRange(headers.get('range') ?? undefined, file.bytes);
  const encoding = range ? undefined : encodingFor(context);
  const etag = `"${file.sha256}${encoding ? `-${encoding}` : ''}"`;
  const common = {
    etag,
    vary: 'Accept-Encoding',
    'accept-ranges': 'bytes',
    'cache-control': 'private, no-cache',
    'x-attune-sha256': file.sha256,
  };
  const known = (headers.get('if-none-match') ?? '').split(',').map((one) => one.trim().replace(/^W\//, ''));
  if (known.includes(etag) || known.includes('*')) return new Response(null, { status: 304, headers: common });
  const sent = encoding ? await agentFiles.compressed(file, encoding) : file;
  const part = range ? Bun.file(sent.path).slice(range.from, range.to) : Bun.file(sent.path);
  return new Response(part, {
    status: range ? 206 : 200,
    headers: {
      ...common,
      'content-type': 'application/octet-stream',
      'content-disposition': `attachment; filename="attune-agent-${file.architecture}"`,
      ...(encoding ? { 'content-encoding': encoding } : {}),
      ...(range ? { 'content-range': contentRange(range, file.bytes) } : {}),
    },
  });
}

/** Smallest first: of those that a client likes equally, it gets the first. */
const ENCODINGS = ['zstd', 'gzip'] as const satisfies readonly Encoding[];

/** The encoding that the client likes best. Undefined: the bytes as they are. */
function encodingFor(context: Context): Encoding | undefined {
  const best = accepts(context, {
    header: 'Accept-Encoding',
    supports: [...ENCODINGS, 'identity'],
    default: 'identity',
    match: (accepted, { supports, default: none }) => {
      const liking = (name: string): number => accepted.find(({ type }) => type.toLowerCase() === name)?.q ?? 0;
      return supports.toSorted((a, b) => liking(b) - liking(a)).find((name) => liking(name) > 0) ?? none;
    },
  });
  return ENCODINGS.find((one) => one === best);
}
