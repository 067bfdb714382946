import { z } from 'zod';
import { anyPath, bytes, url } from './setting-types.ts';

/** The section `artifacts`. */
export const artifacts = z
  .strictObject({
    directory: anyPath.optional().meta({
      description: 'Directory that keeps artifacts, which servers and workers share',
      unset: '`--standalone`: in its data directory; a worker of a server: at the server; else artifacts are not kept',
    }),
    s3_bucket: z
      .string()
      .min(1)
      .optional()
      .describe('Bucket of an S3-compatible server, which keeps artifacts instead of the directory'),
    s3_endpoint: url('http:', 'https:').optional().describe('Address of the S3-compatible server'),
    s3_region: z.string().min(1).optional().describe('Region of the bucket'),
    s3_access_key_id: z.string().min(1).optional().describe('Id of the access key for the bucket'),
    s3_secret_access_key: z.string().min(1).optional().describe('Secret of the access key for the bucket'),
    s3_prefix: z.string().default('attune/').describe('Text before the name of each object in the bucket'),
    max_files: z.coerce
      .number()
      .int()
      .min(0)
      .max(1_000)
      .default(100)
      .describe('Number of artifacts that one execution may leave'),
    max_bytes: bytes.default(1_073_741_824).describe('Bytes of artifacts that one execution may leave'),
  })
  .prefault({})
  .describe('Artifacts: the files that executions leave.');
