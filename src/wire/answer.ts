import type { z } from 'zod';
import { describeIssues } from '#domain/issues.ts';
import { failure, type Result, success } from '#domain/result.ts';

/** The header of every answer that tells the version of the server. */
export const SERVER_VERSION_HEADER = 'x-attune-version';

/** The answer of a server, before anybody has looked at it. */
export interface Answer {
  readonly body: unknown;
  /** The version of the server; undefined if the server does not tell it. */
  readonly serverVersion: string | undefined;
}

/**
 * Reads an answer in the shape that this version knows, without fields that it does not know. The error names each
 * field that does not fit.
 */
export function readAnswer<S extends z.ZodType>(
  schema: S,
  { body, serverVersion = 'unknown' }: Answer,
): Result<z.output<S>, string> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return success(parsed.data);
  return failure(
    `the answer cannot be read: ${describeIssues(parsed.error.issues, 'answer')} (the server has version ${serverVersion}; an attune-agent of that version can read it)`,
  );
}

/**
 * Checks that the fields that this version knows fit, and returns the answer as it came, with those that it does not
 * know.
 */
export function checkAnswer<S extends z.ZodType>(schema: S, answer: Answer): Result<z.input<S>, string> {
  const known = readAnswer(schema, answer);
  /* What a schema accepts is its input: zod has just said so. */
  return known.ok ? success(answer.body as z.input<S>) : known;
}
