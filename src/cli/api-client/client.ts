import type { z } from 'zod';
import { complain } from '#cli/complain.ts';
import { EXIT } from '#cli/exit-codes.ts';
import { table, write } from '#cli/terminal.ts';
import { readConfig } from '#cli/wiring/read-config.ts';
import type { ConfigSources } from '#config/load-config.ts';
import type { Result } from '#domain/result.ts';
import { type Answer, checkAnswer } from '#wire/answer.ts';
import { type Api, openApi } from './api-client.ts';
import { chooseServer } from './choose-server.ts';

/** Opens the API as configured and does the work. Resolves with the exit code; errors have been printed. */
export async function withApi(
  sources: ConfigSources,
  work: (api: Api) => Promise<Result<void, string>>,
): Promise<number> {
  const config = await readConfig(sources);
  if (!config) return EXIT.configuration;
  const server = chooseServer(config, sources);
  if (!server.ok) {
    await complain(server.error);
    return EXIT.usage;
  }
  const done = await work(openApi(server.value));
  if (done.ok) return EXIT.success;
  await complain(done.error);
  return EXIT.failure;
}

/**
 * Asks the server, and checks that the answer has the shape that this version knows. Other fields of the answer stay in
 * it, so that `--format json` shows all of it.
 */
export async function ask<S extends z.ZodType>(
  answer: Promise<Result<Answer, string>>,
  schema: S,
): Promise<Result<z.input<S>, string>> {
  const received = await answer;
  return received.ok ? checkAnswer(schema, received.value) : received;
}

/** The query of a list, with the filters that were given. */
export function queryOf<Query>(filters: { readonly [Name in keyof Query]?: string | undefined }): URLSearchParams {
  const pairs = Object.entries<string | undefined>(filters);
  return new URLSearchParams(pairs.filter((pair): pair is [string, string] => pair[1] !== undefined));
}

/** Prints a table whose first row is the heading, or the answer as JSON. */
export async function show(
  { format }: { readonly format: 'text' | 'json' },
  answer: unknown,
  rows: readonly (readonly string[])[],
): Promise<void> {
  if (format === 'json') return await write(process.stdout, `${JSON.stringify(answer, null, 2)}\n`);
  const lines = rows.length > 1 ? table(rows) : ['none'];
  await write(process.stdout, `${lines.join('\n')}\n`);
}
