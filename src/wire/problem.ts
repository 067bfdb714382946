import { z } from 'zod';

/** An error as RFC 9457 writes it. */
export const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string().meta({ description: 'stable; what a program should look at' }),
    request_id: z.string().optional().meta({ description: 'as in X-Request-Id: the log of the server names it' }),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: 'Problem' });

/** The sentence of a refused request; undefined if the body is no problem of an Attune server. */
export function detailOf(body: unknown): string | undefined {
  return problem.pick({ detail: true }).safeParse(body).data?.detail;
}
