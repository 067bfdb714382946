import { z } from 'zod';
import { idText, pageCursor, pageLimit } from './values.ts';

/** The header by which a worker that uploads a file names its instance, which nobody else knows. */
export const INSTANCE_HEADER = 'x-attune-instance';

/** One version of an artifact. */
export const artifact = z
  .object({
    id: z.int().meta({ description: 'of this version' }),
    ref: z.string().meta({ example: 'sample.report/report.pdf' }),
    name: z.string(),
    version: z.int(),
    action_ref: z.string(),
    execution: z.int().nullable(),
    size_bytes: z.int(),
    checksum: z.string().meta({ description: 'SHA-256' }),
    created: z.string(),
  })
  .meta({ id: 'Artifact' });
export type Artifact = z.infer<typeof artifact>;

export const artifactPage = z
  .object({ artifacts: z.array(artifact), next_cursor: z.string().nullable() })
  .meta({ id: 'ArtifactPage' });

/** The query of `GET /artifacts`. */
export const artifactQuery = z.object({
  execution: idText.optional(),
  ref: z.string().min(1).max(2000).optional(),
  cursor: pageCursor,
  limit: pageLimit,
});
export type ArtifactQuery = z.input<typeof artifactQuery>;
