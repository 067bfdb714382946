import type { z } from 'zod';
import { complain } from '#cli/complain.ts';
import { EXIT } from '#cli/exit-codes.ts';
import { isTable, type ListFormat } from '#cli/options.ts';
import { printableLine } from '#cli/printable.ts';
import { table } from '#cli/table.ts';
import { widthOf, write } from '#cli/terminal.ts';
import { systemClock } from '#cli/wiring/clock.ts';
import { readConfig } from '#cli/wiring/read-config.ts';
import { stopOnSignals } from '#cli/wiring/stop-on-signals.ts';
import { answerIn } from '#cli/wiring/write-answer.ts';
import type { ConfigSources } from '#config/load-config.ts';
import { type Result, success } from '#domain/result.ts';
import { type Answer, checkAnswer } from '#wire/answer.ts';
import { type Api, openApi } from './api-client.ts';
import { chooseServer, codeWithoutServer } from './choose-server.ts';

/** Opens the API as configured and does the work. Resolves with the exit code; errors have been printed. */
export async function withApi(
  sources: ConfigSources,
  work: (api: Api) => Promise<Result<unknown, string>>,
): Promise<number> {
  const config = await readConfig(sources);
  if (!config) return EXIT.configuration;
  const server = chooseServer(config, sources);
  if (!server.ok) {
    await complain(server.error);
    return codeWithoutServer(sources);
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

interface PagedAnswer {
  readonly next_cursor?: string | null | undefined;
}

/** A list of the API: the shape of its answer, and the field of the answer that has the members. */
interface PagedList<S extends z.ZodType<PagedAnswer, PagedAnswer>> {
  readonly schema: S;
  readonly members: keyof z.input<S>;
  /** Another field that is a list, of which each page may have what others have too. */
  readonly besides?: keyof z.input<S>;
}

/** Asks for a list page by page, and puts the members of all pages into the first answer, and what is listed besides them. */
export async function askAll<S extends z.ZodType<PagedAnswer, PagedAnswer>>(
  api: Api,
  path: string,
  { schema, members, besides }: PagedList<S>,
): Promise<Result<z.input<S>, string>> {
  const first = await ask(api.call('GET', path), schema);
  if (!first.ok) return first;
  const pages = [first.value];
  for (let next = first.value.next_cursor; next != null; next = pages.at(-1)?.next_cursor) {
    const page = await ask(
      api.call('GET', `${path}${path.includes('?') ? '&' : '?'}${queryOf({ cursor: next })}`),
      schema,
    );
    if (!page.ok) return page;
    pages.push(page.value);
  }
  const { next_cursor: _, ...rest } = first.value;
  const others = besides === undefined ? {} : { [besides]: distinct(pages.flatMap((page) => page[besides] ?? [])) };
  return success({ ...rest, [members]: pages.flatMap((page) => page[members]), ...others } as z.input<S>);
}

/** The members of a list without those that are the same as earlier ones. */
function distinct(all: readonly unknown[]): readonly unknown[] {
  return [...new Map(all.map((one) => [JSON.stringify(one), one])).values()];
}

/** The query of a list, with the filters that were given. */
export function queryOf<Query>(filters: { readonly [Name in keyof Query]?: string | undefined }): URLSearchParams {
  const pairs = Object.entries<string | undefined>(filters);
  return new URLSearchParams(pairs.filter((pair): pair is [string, string] => pair[1] !== undefined));
}

/** Members that a server puts into one page of a list at most. */
export const MOST_OF_A_PAGE = 500;

/**
 * Prints a table whose first row is the heading, or the answer in another form. Other verbs take what is in the column
 * `calledBy`, which is REF or NAME where nothing else is said.
 */
export async function show(
  { format, calledBy }: { readonly format: ListFormat; readonly calledBy?: string },
  answer: unknown,
  rows: readonly (readonly string[])[],
): Promise<void> {
  await write(process.stdout, format === 'name' ? names(rows, calledBy) : await render(format, answer, rows));
}

/** The text of a list: `text` fits the terminal, `name` is the first column alone. */
async function render(format: ListFormat, answer: unknown, rows: readonly (readonly string[])[]): Promise<string> {
  if (format === 'name') return names(rows);
  if (!isTable(format)) return await answerIn(format, answer, '');
  const lines = rows.length > 1 ? table(rows, format === 'wide' ? undefined : widthOf(process.stdout)) : ['none'];
  return `${lines.join('\n')}\n`;
}

/** The column that a row is called by, line by line. */
function names([heading = [], ...rows]: readonly (readonly string[])[], calledBy?: string): string {
  const own = heading.findIndex((title) =>
    calledBy === undefined ? ['REF', 'NAME'].includes(title) : title === calledBy,
  );
  return rows.map((row) => `${printableLine(row[Math.max(0, own)] ?? '')}\n`).join('');
}

interface ListOptions {
  readonly format: ListFormat;
  readonly watch?: true | undefined;
}

const LOOK_MS = 2000;

/** Prints a list once, or with `watch` whenever it has changed, until Ctrl-C. Resolves with the exit code. */
export async function list(
  sources: ConfigSources,
  { format, watch }: ListOptions,
  read: (api: Api) => Promise<Result<Listed, string>>,
): Promise<number> {
  if (!watch) return await withApi(sources, async (api) => await showNew(await read(api), format, undefined));
  using stop = stopOnSignals();
  const code = await withApi(sources, async (api) => {
    for (let last: string | undefined; ; ) {
      const found = await read(api);
      if (stop.cancel.aborted) return success(undefined);
      const shown = await showNew(found, format, last);
      if (!shown.ok) return shown;
      last = shown.value;
      await systemClock.sleep(LOOK_MS, stop.cancel);
    }
  });
  return stop.exitCode() ?? code;
}

/** Prints a list that is not what was printed last, and returns its text. */
async function showNew(
  found: Result<Listed, string>,
  format: ListFormat,
  last: string | undefined,
): Promise<Result<string, string>> {
  if (!found.ok) return found;
  const { answer, rows, calledBy, below = [] } = found.value;
  const list = format === 'name' ? names(rows, calledBy) : await render(format, answer, rows);
  const text = isTable(format) ? [list, ...below].join('\n') : list;
  if (text !== last) await write(process.stdout, last === undefined ? text : `\n${text}`);
  return success(text);
}

/** An answer of the server, and what is shown of it: the first row is the heading. */
interface Listed {
  readonly answer: unknown;
  readonly rows: readonly (readonly string[])[];
  /** The column by which other verbs call what is listed; else REF or NAME. */
  readonly calledBy?: string;
  /** Texts below the table. */
  readonly below?: readonly string[];
}
