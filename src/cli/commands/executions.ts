import type { Api } from '#cli/api-client/api-client.ts';
import { ask, list, MOST_OF_A_PAGE, queryOf, withApi } from '#cli/api-client/client.ts';
import { executionIn } from '#cli/api-client/describe-execution.ts';
import { lackOf } from '#cli/api-client/names-on.ts';
import { reasonToWait } from '#cli/api-client/say-whether-it-waits.ts';
import { findWorker, readWorkers } from '#cli/api-client/workers.ts';
import { complain } from '#cli/complain.ts';
import { EXIT } from '#cli/exit-codes.ts';
import { clientSettings, isTable, type ListFormat, listOptions } from '#cli/options.ts';
import { executionNumber, offering, option, optional, wholeNumber, words, wordsIn } from '#cli/parameter.ts';
import { showAge, write } from '#cli/terminal.ts';
import { defineVerb } from '#cli/verb.ts';
import type { ConfigSources } from '#config/load-config.ts';
import { durationText } from '#domain/duration-text.ts';
import { EXECUTION_STATUSES } from '#domain/execution-status.ts';
import { failure, type Result, success } from '#domain/result.ts';
import { attemptList } from '#wire/attempts.ts';
import {
  type ExecutionQuery,
  type ExecutionSummaries,
  type ExecutionSummary,
  execution,
  executionFields,
  executionSummaries,
} from '#wire/executions.ts';

export const verb = defineVerb({
  arguments: {
    id: executionNumber(
      offering(
        'executions',
        optional('id', 'Number of one execution, which is shown with its parameters and its result'),
      ),
    ),
  },
  options: {
    status: words(
      EXECUTION_STATUSES,
      offering('statuses', option('--status <status>', 'Lists only executions in this status; several with commas')),
    ),
    action: offering('actions', option('--action <ref>', 'Lists only executions of this action')),
    worker: offering(
      'workers',
      option('--worker <worker>', 'Lists only executions of this worker: its name or its id'),
    ),
    limit: wholeNumber(option('--limit <count>', 'Largest number of executions', { fallback: '20' }), 1, 100_000),
    ...listOptions(),
  },
  settings: clientSettings,
  examples: [
    ['attune-agent executions --status running,scheduled', 'Lists the executions that run or are about to'],
    ['attune-agent executions 1', 'Shows execution 1 with its result'],
  ],
  action: async ({ id }, { status, action, worker, limit, format, watch }, { sources }) => {
    const filters = { status: status && wordsIn(status).join(), action_ref: action, limit };
    if (id !== undefined) {
      if (watch || worker !== undefined || Object.values(filters).some((one) => one !== undefined)) {
        await complain('one execution is not filtered and not watched: leave out its number, or the other options');
        return EXIT.usage;
      }
      return await showOne(id, format, sources);
    }
    return await list(sources, { format, watch }, async (api) => {
      const fields = isTable(format) ? undefined : executionFields.join();
      const chosen = worker === undefined ? success(undefined) : await idOfWorker(api, worker);
      if (!chosen.ok) return chosen;
      const found = await listKnown(api, { ...filters, worker: chosen.value, fields, limit: limit ?? '20' });
      if (!found.ok) return found;
      const names = isTable(format) ? await workerNames(api) : new Map<number, string>();
      const rows = found.value.executions.map((one) => rowOf(one, names));
      return success({ answer: found.value, rows: [HEADING, ...rows] });
    });
  },
});

type Filters = { readonly [Name in keyof ExecutionQuery]?: string | undefined };

/** Lists executions. An action that the server does not have, and of which it keeps no execution, is an error. */
async function listKnown(api: Api, query: Filters): Promise<Result<ExecutionSummaries, string>> {
  const found = await listPages(api, query);
  const { action_ref: action } = query;
  if (!found.ok || action === undefined || found.value.executions.length > 0) return found;
  const lack = await lackOf(api, 'actions', action);
  if (lack === undefined) return found;
  const kept = await listPages(api, { action_ref: action, limit: '1' });
  return kept.ok && kept.value.executions.length === 0 ? failure(lack) : found;
}

/** As many pages as it takes: a server puts few executions into one where they are large. */
async function listPages(api: Api, query: Filters): Promise<Result<ExecutionSummaries, string>> {
  const executions: ExecutionSummary[] = [];
  let cursor: string | undefined;
  for (;;) {
    const limit = String(Math.min(MOST_OF_A_PAGE, Number(query.limit) - executions.length));
    const page = await ask(
      api.call('GET', `executions?${queryOf<ExecutionQuery>({ ...query, limit, cursor })}`),
      executionSummaries,
    );
    if (!page.ok) return page;
    executions.push(...page.value.executions);
    cursor = page.value.next_cursor ?? undefined;
    if (cursor === undefined || executions.length >= Number(query.limit)) return success({ ...page.value, executions });
  }
}

/** The id of a worker that is given by its name or its id; a worker that is gone has only its id. */
async function idOfWorker(api: Api, which: string): Promise<Result<string, string>> {
  if (/^\d+$/.test(which)) return success(which);
  const found = await findWorker(api, which);
  return found.ok ? success(String(found.value.id)) : found;
}

async function showOne(id: string, format: ListFormat, sources: ConfigSources): Promise<number> {
  return await withApi(sources, async (api) => {
    const one = await ask(api.call('GET', `executions/${id}`), execution);
    if (!one.ok) return one;
    const waitsFor = one.value.status === 'requested' ? await reasonToWait(api, one.value.id) : undefined;
    /* A server that is older has no timeline, and the rest is shown all the same. */
    const attempts = await ask(api.call('GET', `executions/${id}/attempts`), attemptList);
    const shown = { ...one.value, waits_for: waitsFor, attempts: attempts.ok ? attempts.value.attempts : [] };
    await write(process.stdout, await executionIn(format, shown, await workerNames(api)));
    return success(undefined);
  });
}

/** The names of the workers by their ids; none where the token may not see them. */
async function workerNames(api: Api): Promise<ReadonlyMap<number, string>> {
  const found = await readWorkers(api);
  return new Map(found.ok ? found.value.workers.map(({ id, name }) => [id, name]) : []);
}

const HEADING = ['ID', 'ACTION', 'STATUS', 'ATTEMPT', 'WORKER', 'TOOK', 'AGE'];

function rowOf(one: ExecutionSummary, names: ReadonlyMap<number, string>): readonly string[] {
  const worker = one.worker === null ? '-' : (names.get(one.worker) ?? String(one.worker));
  const took = durationOf(one);
  return [String(one.id), one.action_ref, one.status, String(one.attempt), worker, took, showAge(one.created)];
}

function durationOf({ duration_ms: ms }: ExecutionSummary): string {
  return ms == null ? '-' : durationText(ms);
}
