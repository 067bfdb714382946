/** Why an answer is not read to its end: it is too long, or comes too slowly. */
export class UnboundedBody extends Error {
  override readonly name = 'UnboundedBody';
}

const MEBIBYTE = 1024 * 1024;
/** No answer that is read whole is longer: the largest result, as JSON within JSON. */
const MOST_BYTES = 128 * MEBIBYTE;
/** From the tenth second on, an answer must have brought so many bytes for each second that has passed. */
const LEAST_PER_SECOND = 1024;
const GRACE_MS = 10_000;

/** Reads an answer as text, however it is packed. Rejects with UnboundedBody when it seems to have no end. */
export async function bodyText({ body }: Response, most = MOST_BYTES): Promise<string> {
  const reader = body?.getReader();
  if (!reader) return '';
  const startedAt = performance.now();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  let why: string | undefined;
  const giveUp = (reason: string): void => {
    why ??= reason;
    void reader.cancel().catch(() => {});
  };
  const look = setInterval(() => {
    const passedMs = performance.now() - startedAt;
    const isSlow = passedMs > GRACE_MS && bytes < (passedMs / 1000) * LEAST_PER_SECOND;
    if (isSlow) giveUp(`it has brought ${bytes} bytes in ${Math.round(passedMs / 1000)} s`);
  }, 1000);
  try {
    for (let read = await reader.read(); !read.done && why === undefined; read = await reader.read()) {
      bytes += read.value.length;
      if (bytes > most) giveUp(`it is longer than ${most / MEBIBYTE} MiB`);
      else chunks.push(read.value);
    }
  } finally {
    clearInterval(look);
  }
  if (why !== undefined) throw new UnboundedBody(why);
  return new TextDecoder().decode(Buffer.concat(chunks));
}
