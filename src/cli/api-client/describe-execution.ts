import { stringify } from 'yaml';
import type { ListFormat } from '#cli/options.ts';
import { printable, printableLine } from '#cli/printable.ts';
import { showAge, showTime } from '#cli/terminal.ts';
import { isRecord } from '#domain/record.ts';
import type { Execution } from '#wire/executions.ts';

/** An execution, and why no worker has it yet where it can be told. */
type Shown = Execution & { readonly waits_for?: string | undefined };

/** One execution for people, or in the format that was asked for. */
export function describeExecution(one: Shown, format: ListFormat, workers: ReadonlyMap<number, string>): string {
  if (format === 'json') return `${JSON.stringify(one, null, 2)}\n`;
  if (format === 'yaml') return stringify(one);
  if (format === 'name') return `${one.id}\n`;
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
    ['Took', typeof took === 'number' ? `${(took / 1000).toFixed(2)} s` : undefined],
    ['Worker', one.worker === null ? undefined : (workers.get(one.worker) ?? one.worker)],
    ['Attempt', one.attempt > 1 ? `${one.attempt}: ${one.retry_reason ?? 'after a retry'}` : undefined],
    ['Repeats', one.original_execution ?? undefined],
    ['Parameters', JSON.stringify(one.parameters)],
    ['Result', data === undefined ? undefined : JSON.stringify(data)],
  ];
  const lines = facts.flatMap(([name, value]) => {
    return value === undefined ? [] : [`${name.padEnd(10)}  ${printableLine(String(value))}`];
  });
  return `${[...lines, ...section('stdout', stdout), ...section('stderr', stderr)].join('\n')}\n`;
}

/** The last lines of a stream that the result holds. */
function section(name: string, text: unknown): readonly string[] {
  if (typeof text !== 'string' || text === '') return [];
  const all = printable(text.trimEnd()).split('\n');
  const cut = all.length > MOST_LINES ? [`  … ${all.length - MOST_LINES} lines before these`] : [];
  return ['', name, ...cut, ...all.slice(-MOST_LINES).map((line) => `  ${line}`)];
}

const MOST_LINES = 20;
