/** Megabytes per second of output that holds no secret, with and without masking, on one core. */
import { maskSink } from '#execution/masking/mask-stream.ts';
import { createMasker } from '#execution/masking/masker.ts';

const CHUNK_BYTES = 64 * 1024;
const ROUNDS = 8000;

const line =
  '2026-01-01T00:00:00Z INFO request 4711 served in 12 ms: GET /api/v1/executions?limit=50 200 {"ok":true}\n';
const chunk = Buffer.from(line.repeat(Math.ceil(CHUNK_BYTES / line.length))).subarray(0, CHUNK_BYTES);

async function megabytesPerSecond(write: (bytes: Uint8Array) => void | Promise<void>): Promise<number> {
  const start = performance.now();
  for (let round = 0; round < ROUNDS; round++) await write(chunk);
  return (ROUNDS * chunk.length) / 1e6 / ((performance.now() - start) / 1000);
}

let taken = 0;
const sink = {
  write: (_: string, bytes: Uint8Array): void => {
    taken += bytes.length;
  },
};
const bare = await megabytesPerSecond((bytes) => void Buffer.from(bytes)); /* a copy, as every reader makes one */
process.stdout.write(`bare copy: ${bare.toFixed(0)} MB/s\n`);
for (const count of [0, 1, 10, 100]) {
  const secrets = Array.from({ length: count }, (_, index) => `s3cr3t-${index}-${'x/y z'.repeat(4)}`);
  const masked = maskSink(sink, createMasker(secrets));
  await megabytesPerSecond((bytes) => masked.write('stdout', bytes)); /* warm */
  const rate = await megabytesPerSecond((bytes) => masked.write('stdout', bytes));
  process.stdout.write(`${count} secrets: ${rate.toFixed(0)} MB/s, ratio ${(rate / bare).toFixed(2)}\n`);
}
if (taken === 0) throw new Error('nothing was written');
