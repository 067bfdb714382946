import { expect, test } from 'bun:test';
import { runWebhooks, type WebhookDependencies } from '#control-plane/scheduler/webhooks.ts';
import type { AuditEntry } from '#domain/admin-store.ts';
import { executionId } from '#domain/ids.ts';
import type { Delivery, DeliveryEnd, DroppedMessages, SendOutcome, WebhookMessage } from '#domain/webhook.ts';
import { loggerOf } from '#test/support/event-log.ts';
import { until } from '#test/support/until.ts';

const sample: Delivery = {
  ...{ id: '1', messageId: 'ab-cd', webhook: '3', execution: executionId(42), actionRef: 'demo.echo' },
  ...{ target: { url: 'https://one.example/', secret: 'whsec_' }, status: 'failed', ended: '2026-01-01T00:00:00.000Z' },
  ...{ ageMs: 0, tries: 1 },
};

interface More {
  readonly isMine?: boolean;
  readonly dropped?: readonly DroppedMessages[];
}

/** What one look at a delivery leads to. */
async function lookAt(delivery: Delivery, answer: SendOutcome, more: More = {}) {
  const { isMine = true, dropped = [] } = more;
  const stop = new AbortController();
  const [sent, ends, audit]: [WebhookMessage[], DeliveryEnd[], AuditEntry[]] = [[], [], []];
  const deps: WebhookDependencies = {
    store: {
      takeDeliveries: async () => (stop.signal.aborted ? [] : [delivery]),
      dropMessages: async () => dropped,
      endDelivery: async (_, end) => {
        ends.push(end);
        return isMine;
      },
      saveAudit: async (entries) => void audit.push(...entries),
    },
    sender: {
      send: async (message) => {
        sent.push(message);
        return answer;
      },
    },
    clock: { now: () => 5, random: () => 0.5, sleep: async () => stop.abort() },
    logger: loggerOf(() => {}),
    ...{ giveUpMs: 60_000, mostWaiting: 10 },
  };
  await runWebhooks(deps, stop.signal);
  return { sent, ends, audit };
}

/** One turn of the event loop. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const answered = (status: number): SendOutcome => ({ kind: 'answered', status });

test('a message says what has ended and how, under an id that is the same in each try', async () => {
  const { sent, ends, audit } = await lookAt(sample, answered(204));
  expect(sent).toEqual([
    {
      ...{ url: 'https://one.example/', secret: 'whsec_', id: 'msg_abcd' },
      body: '{"type":"execution.failed","timestamp":"2026-01-01T00:00:00.000Z","data":{"execution":42,"action_ref":"demo.echo","status":"failed"}}',
    },
  ]);
  expect([ends, audit]).toEqual([[{ kind: 'delivered', answer: 204 }], []]);
});

test('what is not taken is tried again after pauses that double, up to an hour, and for a bounded time', async () => {
  const afterMs = async (tries: number, ageMs: number, giveUp?: 'given-up') => {
    const [end] = (await lookAt({ ...sample, tries, ageMs }, answered(503))).ends;
    return end?.kind === 'later' ? end.afterMs : (giveUp ?? end?.kind);
  };
  expect(await Promise.all([afterMs(1, 0), afterMs(2, 0), afterMs(3, 0)])).toEqual([5000, 10_000, 20_000]);
  expect(await Promise.all([afterMs(1, 56_000), afterMs(30, 0)])).toEqual(['given-up', 'given-up']);
});

test.each([
  ['a redirection', answered(302), 'later'],
  ['no answer', { kind: 'failed', problem: 'nobody there' }, 'later'],
  ['an answer that it is gone', answered(410), 'given-up'],
  ['an address that is refused', { kind: 'refused', problem: 'no public address' }, 'given-up'],
] as const)('%s leads to: %p → %s', async (_, outcome, kind) => {
  expect((await lookAt(sample, outcome)).ends.map((end) => end.kind)).toEqual([kind]);
});

test('what is given up stands in the audit log, by the server whose it was alone', async () => {
  const target = { problem: 'the webhook is deleted' };
  const { sent, audit } = await lookAt({ ...sample, target }, answered(200));
  expect(sent).toEqual([]);
  expect(audit).toMatchObject([{ actor: 'server', action: 'webhook give up', subject: 'webhook 3, execution 42' }]);
  expect((await lookAt({ ...sample, target }, answered(200), { isMine: false })).audit).toEqual([]);
});

test('many webhooks that do not answer keep none waiting that does', async () => {
  const stop = new AbortController();
  const silent = Array.from({ length: 100 }, (_, n) => `silent ${n}`);
  const waiting = new Map([...silent, 'answers'].map((webhook) => [webhook, 60]));
  const never = Promise.withResolvers<SendOutcome>();
  let most = 0;
  let open = 0;
  const deps: WebhookDependencies = {
    store: {
      takeDeliveries: async ({ limit, perWebhook, rooms }) => {
        const all = [...waiting].flatMap(([webhook, left]) => {
          const count = Math.min(left, rooms[webhook] ?? perWebhook);
          return Array.from({ length: count }, () => ({ ...sample, webhook, target: { url: webhook, secret: '' } }));
        });
        const taken = all.slice(0, limit);
        for (const { webhook } of taken) waiting.set(webhook, (waiting.get(webhook) ?? 0) - 1);
        return taken;
      },
      dropMessages: async () => [],
      endDelivery: async () => true,
      saveAudit: async () => {},
    },
    sender: {
      send: async ({ url }) => {
        if (url !== 'answers') return await never.promise;
        most = Math.max(most, ++open);
        await turn();
        open--;
        return answered(200);
      },
    },
    clock: {
      now: () => 5,
      random: () => 0.5,
      sleep: async () => {
        await turn();
        if (waiting.get('answers') === 0 && open === 0) stop.abort();
      },
    },
    logger: loggerOf(() => {}),
    ...{ giveUpMs: 60_000, mostWaiting: 10 },
  };
  const ran = runWebhooks(deps, stop.signal);
  await until('all are delivered', () => stop.signal.aborted);
  never.resolve(answered(200));
  await ran;
  expect([waiting.get('answers'), most <= 16]).toEqual([0, true]);
});

test('of many messages of a webhook that are given up, the audit log has one an hour', async () => {
  const stop = new AbortController();
  const audit: AuditEntry[] = [];
  const looks = [5, 6, 3_600_004, 3_600_005];
  let now = 0;
  const deps: WebhookDependencies = {
    store: {
      takeDeliveries: async () => {
        now = looks.shift() ?? now;
        if (looks.length === 0) stop.abort();
        return [sample];
      },
      dropMessages: async () => [],
      endDelivery: async () => true,
      saveAudit: async (entries) => void audit.push(...entries),
    },
    sender: {
      send: async () => {
        await turn();
        return answered(410);
      },
    },
    clock: {
      now: () => now,
      random: () => 0.5,
      sleep: turn,
    },
    logger: loggerOf(() => {}),
    ...{ giveUpMs: 60_000, mostWaiting: 10 },
  };
  await runWebhooks(deps, stop.signal);
  expect(audit.map(({ at }) => at)).toEqual([5, 3_600_005]);
});

test('what is given up because too many wait stands in the audit log too', async () => {
  const { audit } = await lookAt(sample, answered(204), { dropped: [{ webhook: '3', count: 7 }] });
  expect(audit).toMatchObject([{ actor: 'server', action: 'webhook give up', subject: 'webhook 3, 7 messages' }]);
});
