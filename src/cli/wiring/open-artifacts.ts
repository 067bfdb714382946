import { resolve } from 'node:path';
import { type BucketOptions, openArtifactBucket } from '#adapters/artifacts/bucket.ts';
import { openArtifactDirectory } from '#adapters/artifacts/directory.ts';
import type { Config } from '#config/schema.ts';
import type { ArtifactStorage } from '#domain/artifact.ts';
import { openDirectory } from '#execution/process/open-directory.ts';

/**
 * Opens the bucket or the directory that keeps artifacts; undefined if neither is configured, in which case artifacts
 * are not kept.
 */
export function openArtifacts({ artifacts }: Config, fallback?: string): ArtifactStorage | undefined {
  const bucket = bucketOf(artifacts);
  if (bucket) return openArtifactBucket(bucket);
  const directory = artifacts.directory ?? fallback;
  return directory === undefined ? undefined : openArtifactDirectory(resolve(directory), openDirectory);
}

function bucketOf(artifacts: Config['artifacts']): BucketOptions | undefined {
  if (artifacts.s3_bucket === undefined) return undefined;
  return {
    bucket: artifacts.s3_bucket,
    endpoint: artifacts.s3_endpoint,
    region: artifacts.s3_region,
    accessKeyId: artifacts.s3_access_key_id,
    secretAccessKey: artifacts.s3_secret_access_key,
    prefix: artifacts.s3_prefix,
  };
}
