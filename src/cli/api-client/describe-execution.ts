import { isTable, type ListFormat } from '#cli/options.ts';
import { printable } from '#cli/printable.ts';
import { factLines } from '#cli/table.ts';
import { showAge, showTime, widthOf } from '#cli/terminal.ts';
import { answerIn } from '#cli/wiring/write-answer.ts';
import { stepsOf } from '#domain/attempt-steps.ts';
import { durationText } from '#domain/duration-text.ts';
import { isRecord } from '#domain/record.ts';
import type { Attempt } from '#wire/attempts.ts';
import type { Execution } from '#wire/executions.ts';

/** An execution, why no worker has it yet where it can be told, and its attempts, the first one first. */
type Shown = Execution & { readonly waits_for?: string | undefined; readonly attempts: readonly Attempt[] };

/** One execution for people, with the names of workers by their ids, or in another format. */
export async function executionIn(
  format: ListFormat,
  one: Shown,
  workers: ReadonlyMap<number, string>,
): Promise<string> {
  if (format === 'name') return `${one.id}\n`;
  const width = format === 'wide' ? Number.POSITIVE_INFINITY : widthOf(process.stdout);
  return await answerIn(isTable(format) ? 'text' : format, one, describe(one, { workers, width }));
}

function describe(
  one: Shown,
  { workers, width }: { readonly workers: ReadonlyMap<number, string>; readonly width: number },
): string {
  const { stdout, stderr, data, error, output_error: flaw, duration_ms: took } = isRecord(one.result) ? one.result : {};
  const facts: readonly (readonly [string, unknown])[] = [
    ['Execution', one.id],
    ['Action', one.action_ref],
    ['Status', one.status],
    ['Waits for', one.waits_for],
    ['Error', error],
    ['Warning', flaw],
    ['Requested', `${showTime(one.created)} (${showAge(one.created)} ago)`],
    ['Started', one.started_at === null ? undefined : showTime(one.started_at)],
    ['Took', typeof took === 'number' ? durationText(took) : undefined],
    ['Worker', one.worker === null ? undefined : (workers.get(one.worker) ?? one.worker)],
    ['Attempt', one.attempt > 1 ? `${one.attempt}: ${one.retry_reason ?? 'after a retry'}` : undefined],
    ...timelineOf(one, workers),
    ['Repeats', one.original_execution ?? undefined],
    ['Parameters', JSON.stringify(one.parameters)],
    ['Result', data === undefined ? undefined : JSON.stringify(data)],
  ];
  return `${[...factLines(facts, width), ...section('stdout', stdout), ...section('stderr', stderr)].join('\n')}\n`;
}

/** A line for each attempt: where it was, and how long each of its steps took or has taken so far. */
function timelineOf(
  { attempts, created }: Shown,
  workers: ReadonlyMap<number, string>,
): readonly (readonly [string, string])[] {
  return attempts.map((one, place) => {
    const since = attempts[place - 1]?.ended_at ?? created;
    const steps = stepsOf(one, since, Date.now()).map(
      ({ name, ms, isOver }) => `${name} ${durationText(ms)}${isOver ? '' : ' so far'}`,
    );
    const worker = one.worker_name ?? (one.worker === null ? undefined : (workers.get(one.worker) ?? one.worker));
    const where = attempts.length === 1 || worker === undefined ? '' : `, on ${worker}`;
    const why = one.reason === null ? '' : `: ${one.reason}`;
    return [attempts.length === 1 ? 'Timeline' : `Timeline ${one.attempt}`, `${steps.join(', ')}${where}${why}`];
  });
}

/** The last lines of a stream that the result holds. */
function section(name: string, text: unknown): readonly string[] {
  if (typeof text !== 'string' || text === '') return [];
  const all = printable(text.trimEnd()).split('\n');
  const cut = all.length > MOST_LINES ? [`  … ${all.length - MOST_LINES} lines before these`] : [];
  return ['', name, ...cut, ...all.slice(-MOST_LINES).map((line) => `  ${line}`)];
}

const MOST_LINES = 20;
