import type { ArtifactStorage } from '#domain/artifact.ts';

export interface BucketOptions {
  readonly endpoint: string | undefined;
  readonly bucket: string;
  readonly region: string | undefined;
  readonly accessKeyId: string | undefined;
  readonly secretAccessKey: string | undefined;
  /** The text before the path of each object. */
  readonly prefix: string;
}

/** Pieces that are uploaded one after the other: as much as is held in memory. */
const PART_BYTES = 8 * 1024 * 1024;

/** Opens a bucket of a server that speaks S3 as the storage of artifacts. */
export function openArtifactBucket({ prefix, ...options }: BucketOptions): ArtifactStorage {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const client = new Bun.S3Client(Object.fromEntries(given));
  return {
    put: async (path, bytes) => {
      const object = client.file(`${prefix}${path}`);
      const writer = object.writer({ partSize: PART_BYTES, queueSize: 1, retry: 3 });
      for await (const chunk of bytes) {
        writer.write(chunk);
        await writer.flush();
      }
      await writer.end();
    },
    remove: async (path) => await client.delete(`${prefix}${path}`),
    read: async (path, { from, to }) => {
      const object = client.file(`${prefix}${path}`);
      await object.stat();
      return from < to ? object.slice(from, to).stream() : new Blob([]).stream() /* HTTP has no empty range */;
    },
  };
}
