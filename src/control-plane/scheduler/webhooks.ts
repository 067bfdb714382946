import type { AuditEntry } from '#domain/admin-store.ts';
import type { Clock } from '#domain/clock.ts';
import { messageOf } from '#domain/errors.ts';
import type { Logger } from '#domain/logger.ts';
import { ifAvailable } from '#domain/unavailable.ts';
import {
  type Delivery,
  type DeliveryEnd,
  flawOfAnswer,
  type SendOutcome,
  type WebhookSender,
} from '#domain/webhook.ts';
import type { DeliveryStore } from '#domain/webhook-store.ts';

const LOOK_MS = 1000;
/** Messages that are being sent at once. */
const MOST_AT_ONCE = 256;
/**
 * The most messages that are being sent at once to a webhook that has taken its last one, and to one that has not: so many
 * webhooks that do not answer take no places from those that do.
 */
const MOST_OF_ONE = 16;
const MOST_OF_UNSURE = 2;
/** Webhooks of which is remembered that they took the last message, or when it was last noted that one was given up. */
const MOST_REMEMBERED = 1000;
/** Who gives up many messages has one entry in the audit log for each webhook and hour: the others are dead letters too. */
const NOTE_EACH_MS = 3_600_000;
/** More than a message may take: then another server may send it again. */
const LEASE_MS = 60_000;
/** The pauses between tries: 5 s, twice as long each time, up to an hour. */
const FIRST_PAUSE_MS = 5000;
const LONGEST_PAUSE_MS = 3_600_000;
/** A server that stops waits so long for what is under way. */
const LEAVE_MS = 2000;
/** So often it is looked whether too many wait, and so many of a webhook are given up by one statement. */
const DROP_EACH_MS = 10_000;
const MOST_DROPPED = 10_000;
/** The status of an answer that says that nothing will be taken there again. */
const GONE = 410;

export interface WebhookDependencies {
  readonly store: DeliveryStore & {
    saveAudit(entries: readonly AuditEntry[]): Promise<void>;
  };
  readonly sender: Pick<WebhookSender, 'send'>;
  readonly clock: Pick<Clock, 'sleep' | 'random' | 'now'>;
  readonly logger: Logger;
  /** A message that could not be delivered for so long is given up. */
  readonly giveUpMs: number;
  /** The most messages of one webhook that wait; the oldest beyond that number are given up. */
  readonly mostWaiting: number;
}

/**
 * Sends what webhooks are to be told, until `stop` aborts. Any number of servers may do so at once: each message is one
 * server's for a while.
 */
export async function runWebhooks(deps: WebhookDependencies, stop: AbortSignal): Promise<void> {
  const sending = new Map<Promise<void>, string>();
  const state: State = { answering: new Set(), noted: new Map() };
  let droppedAt = Number.NEGATIVE_INFINITY;
  while (!stop.aborted) {
    if (deps.clock.now() - droppedAt >= DROP_EACH_MS && !(await drop(deps, state))) droppedAt = deps.clock.now();
    const taken = (await ifAvailable(() => take(deps, [...sending.values()], state))) ?? [];
    for (const one of taken) {
      const end = deliver(deps, one, state).finally(() => sending.delete(end));
      sending.set(end, one.webhook);
    }
    const pause = deps.clock.sleep(LOOK_MS * (0.5 + deps.clock.random()), stop);
    /* Where something was due, more may be. */
    await (taken.length > 0 ? Promise.race([pause, ...sending.keys()]) : pause);
  }
  /* What is under way for longer is sent again by whoever comes next. */
  await Promise.race([Promise.all(sending.keys()), deps.clock.sleep(LEAVE_MS)]);
}

interface State {
  /** Webhooks that have taken the last message. */
  readonly answering: Set<string>;
  /** When the audit log last got an entry about a message of a webhook that was given up. */
  readonly noted: Map<string, number>;
}

/** Gives up what is too much; returns whether more of it may be left. */
async function drop(deps: WebhookDependencies, { noted }: State): Promise<boolean> {
  const bounds = { most: deps.mostWaiting, limit: MOST_DROPPED };
  const all = (await ifAvailable(() => deps.store.dropMessages(bounds))) ?? [];
  for (const { webhook, count } of all) {
    deps.logger.warn('webhook messages given up', { webhook, messages: count, why: `more than ${bounds.most} waited` });
    await note(deps, noted, { webhook, subject: `webhook ${webhook}, ${count} messages`, status: 0 });
  }
  return all.some(({ count }) => count === MOST_DROPPED);
}

async function take({ store }: WebhookDependencies, sending: readonly string[], { answering }: State) {
  const limit = MOST_AT_ONCE - sending.length;
  if (limit <= 0) return [];
  const counts = Map.groupBy(sending, (webhook) => webhook);
  /* Half of the places is shared by those to which something is being sent, the other half is for others. */
  const share = Math.min(MOST_OF_ONE, Math.ceil(MOST_AT_ONCE / 2 / Math.max(1, counts.size)));
  const room = (webhook: string): number =>
    Math.max(0, (answering.has(webhook) ? share : MOST_OF_UNSURE) - (counts.get(webhook)?.length ?? 0));
  const rooms = Object.fromEntries([...answering, ...counts.keys()].map((webhook) => [webhook, room(webhook)]));
  return await store.takeDeliveries({ limit, perWebhook: MOST_OF_UNSURE, rooms, leaseMs: LEASE_MS });
}

async function deliver(deps: WebhookDependencies, one: Delivery, { answering, noted }: State): Promise<void> {
  try {
    const outcome = await send(deps, one);
    const end = endOf(deps, one, outcome);
    if (answering.size >= MOST_REMEMBERED) answering.clear();
    if (end.kind === 'delivered') answering.add(one.webhook);
    else answering.delete(one.webhook);
    const isMine = await ifAvailable(() => deps.store.endDelivery(one, end));
    if (isMine && end.kind === 'given-up') await giveUp(deps, one, { outcome, problem: end.problem, noted });
  } catch (error) {
    deps.logger.error('webhook delivery failed', { webhook: one.webhook, why: messageOf(error) });
  }
}

async function send({ sender }: WebhookDependencies, { target, messageId, ...one }: Delivery): Promise<SendOutcome> {
  if ('problem' in target) return { kind: 'refused', problem: target.problem };
  return await sender.send({ ...target, id: `msg_${messageId.replaceAll('-', '')}`, body: bodyOf(one) });
}

/** The message about the end of an execution: docs/protocol.md has its form. The result is for those who may read it. */
function bodyOf({
  execution,
  actionRef,
  status,
  ended,
}: Pick<Delivery, 'execution' | 'actionRef' | 'status' | 'ended'>) {
  return JSON.stringify({
    type: `execution.${status}`,
    timestamp: ended,
    data: { execution: Number(execution), action_ref: actionRef, status },
  });
}

function endOf({ clock, giveUpMs }: WebhookDependencies, one: Delivery, outcome: SendOutcome): DeliveryEnd {
  const problem = flawOfAnswer(outcome);
  const answer = outcome.kind === 'answered' ? outcome.status : undefined;
  if (problem === undefined) return { kind: 'delivered', answer };
  const isForEver = outcome.kind === 'refused' || (outcome.kind === 'answered' && outcome.status === GONE);
  const afterMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(one.tries - 1, 20));
  if (isForEver || one.ageMs + afterMs > giveUpMs) return { kind: 'given-up', answer, problem };
  return { kind: 'later', afterMs: Math.round(afterMs * (0.75 + clock.random() / 2)), answer, problem };
}

async function giveUp(
  deps: WebhookDependencies,
  { webhook, execution, tries }: Delivery,
  { outcome, problem, noted }: Pick<State, 'noted'> & { readonly outcome: SendOutcome; readonly problem: string },
): Promise<void> {
  deps.logger.warn('webhook message given up', { webhook, execution, tries, why: problem });
  const status = outcome.kind === 'answered' ? outcome.status : 0;
  await note(deps, noted, { webhook, subject: `webhook ${webhook}, execution ${execution}`, status });
}

/** Writes into the audit log that messages were given up, unless it says so since less than an hour. */
async function note(
  { store, clock }: WebhookDependencies,
  noted: State['noted'],
  { webhook, ...what }: Pick<Delivery, 'webhook'> & Pick<AuditEntry, 'subject' | 'status'>,
): Promise<void> {
  if (clock.now() - (noted.get(webhook) ?? Number.NEGATIVE_INFINITY) < NOTE_EACH_MS) return;
  if (noted.size >= MOST_REMEMBERED) noted.clear();
  noted.set(webhook, clock.now());
  const entry: AuditEntry = {
    at: clock.now(),
    ...{ actor: 'server', token: undefined, address: undefined, action: 'webhook give up' },
    ...what,
  };
  await ifAvailable(() => store.saveAudit([entry]));
}
