import type { LogPage, LogPosition } from '#domain/client-store.ts';
import type { Clock } from '#domain/clock.ts';
import { type ExecutionStatus, isFinal } from '#domain/execution-status.ts';
import type { ExecutionId } from '#domain/ids.ts';
import type { LogChunk } from '#domain/log.ts';
import { ifAvailable } from '#domain/unavailable.ts';
import type { Execution } from '#wire/executions.ts';
import type { LogEvent, StatusEvent } from '#wire/log-events.ts';
import { SIGN_OF_LIFE, writeEvent } from './event-stream.ts';
import type { LogPoller } from './log-poller.ts';
import type { EndWatch } from './watch-ends.ts';

const POLL_MS = 100;
/** While nothing comes the database is asked less and less often, down to once in so long. */
const LONGEST_POLL_MS = 1000;
/** Proxies close a connection that is silent for a minute. */
const ALIVE_EVERY_MS = 15_000;

export const START: LogPosition = { attempt: 0, seq: -1 };

interface Following {
  readonly execution: ExecutionId;
  /** The position up to which the reader has the log already. */
  readonly after: LogPosition;
  /** True to follow the log until the execution has ended, else as far as the log goes now. */
  readonly isLasting: boolean;
  readonly stop: AbortSignal;
  /** The last event, once all of its log has been sent. */
  end(): Promise<Execution | null>;
}

/** What those who follow logs have in common. */
interface Followed {
  readonly pollLogs: LogPoller;
  readonly clock: Clock;
  readonly watch: EndWatch;
  /** Awaited before an end is read and written: a result may be a megabyte, and many may follow one log. */
  readonly mayEnd: (ends: number) => Promise<void> | undefined;
}

/** Ends that are read and written in one turn of the loop. */
export const ENDS_A_TURN = 4;

/**
 * Follows the log of an execution as server-sent events until the execution has ended: `log` with one chunk, `status`
 * at each change, at last `end` with the execution. The id of a `log` event is the place of its chunk: a reader who
 * comes again with it goes on behind it. Nothing is read ahead of a slow reader: the next chunks are looked for when
 * these have left.
 */
export function followLogs(
  { pollLogs, clock, watch, mayEnd }: Followed,
  { execution, after, isLasting, stop, end }: Following,
): ReadableStream<Uint8Array> {
  let position = after;
  let known: ExecutionStatus | undefined;
  let sentAt = clock.monotonic();
  /* Whoever does not last wants the log as it is now, and so does whoever knows that it has ended. */
  let ended = isLasting ? watch.watch(execution, stop) : undefined;
  const since = (): number => (ended ? (ended.at() ?? Number.NEGATIVE_INFINITY) : clock.monotonic());
  const describe = ({ status, chunks }: LogPage): string => {
    const change = status !== undefined && status !== known ? event('status', { id: Number(execution), status }) : '';
    known = status;
    const last = chunks.at(-1);
    if (last) position = { attempt: last.attempt, seq: last.seq };
    return `${chunks.map(describeChunk).join('')}${change}`;
  };
  let [isHeard, isWrong] = [false, false];
  const next = async (): Promise<{ readonly text: string; readonly isLast: boolean }> => {
    if (isWrong) ended = watch.watch(execution, stop);
    isHeard = ended?.signal.aborted === true;
    /* While the database is away the readers wait with it. */
    const page = await ifAvailable(() => pollLogs({ execution, ...position }, since()));
    if (!page) return { text: '', isLast: false };
    /* It was handed back, or whoever has said that it has ended was wrong: they are listened to again at the next poll. */
    isWrong = isHeard && page.status !== undefined && !isFinal(page.status);
    const text = describe(page);
    const isLast = page.chunks.length === 0 && (!isLasting || page.status === undefined || isFinal(page.status));
    if (!isLast) return { text, isLast };
    await mayEnd(1);
    return { text: `${text}${event('end', await end())}`, isLast };
  };
  const sleepUntilEnd = async (ms: number): Promise<void> => {
    await clock.sleep(ms, ended && !isHeard ? AbortSignal.any([stop, ended.signal]) : stop);
  };
  /* The next thing to send; empty only when the reader has gone. */
  const nextText = async (): Promise<{ readonly text: string; readonly isLast: boolean }> => {
    for (let pollMs = POLL_MS; !stop.aborted; pollMs = Math.min(LONGEST_POLL_MS, pollMs * 1.2)) {
      const found = await next();
      if (found.text !== '' || found.isLast) return found;
      if (clock.monotonic() - sentAt > ALIVE_EVERY_MS) return { text: SIGN_OF_LIFE, isLast: false };
      await sleepUntilEnd(pollMs);
    }
    return { text: '', isLast: true };
  };
  const pull = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
    const { text, isLast } = await nextText();
    sentAt = clock.monotonic();
    if (text !== '') controller.enqueue(Buffer.from(text));
    if (isLast) controller.close();
  };
  return new ReadableStream<Uint8Array>({ pull }, { highWaterMark: 1 });
}

type NamedEvent = ['log', LogEvent] | ['status', StatusEvent] | ['end', Execution | null];

/** The text of one event: each name has a shape. */
function event(...[name, data]: NamedEvent): string {
  return writeEvent(name, data);
}

function describeChunk({ attempt, seq, stream, offset, data, at }: LogChunk): string {
  const chunk = { attempt, stream, offset, at: new Date(at).toISOString(), data: Buffer.from(data).toString('base64') };
  return `id: ${attempt}.${seq}\n${event('log', chunk)}`;
}

/** Reads the place of a chunk from the id that `describeChunk` gave its event; undefined if the text is no such id. */
export function readPosition(id: string): LogPosition | undefined {
  const [, attempt, seq] = /^(\d{1,9})\.(\d{1,9})$/.exec(id) ?? [];
  return attempt === undefined || seq === undefined ? undefined : { attempt: Number(attempt), seq: Number(seq) };
}
