/**
 * A stand-in for the executor and the API of Attune's Rust control plane: it speaks their messages on a real RabbitMQ, works
 * on their tables, and is as strict as they are. Its monitors are quicker.
 */
import { type Channel, connect } from 'amqplib';
import type postgres from 'postgres';
import { insertExecution } from '#test/support/joined/seed.ts';
import { endOf, monitor } from './ends.ts';
import { type Heard, readStrictly, write } from './messages.ts';
import { schedule } from './scheduling.ts';

const MONITOR_MS = 250;
const AGAIN_MS = 250;

export interface Executor extends AsyncDisposable {
  /** All messages that it has accepted, in the order of their coming. */
  readonly heard: readonly Heard[];
  /** What it could not accept, and why: each costs Attune a slot. */
  readonly rejected: readonly string[];
  /** The ids of the executions that its monitor has abandoned. */
  readonly abandoned: readonly number[];
  /** The acknowledgements of queue items, by execution. */
  readonly queueAcks: ReadonlyMap<number, unknown>;
  /** The executions that it has made to try a task again, by the one that had failed. */
  readonly retries: ReadonlyMap<number, number>;
  /** Requests an execution as the API does, and returns its id. */
  request(actionRef: string, columns?: Readonly<Record<string, unknown>>): Promise<number>;
  /** Cancels an execution as the API does. */
  cancel(execution: number): Promise<void>;
  /** Sends any message of its services. */
  send(exchange: string, routingKey: string, message: { readonly type: string; readonly payload: object }): void;
  /** Schedules nothing until it is told to go on. */
  pause(): void;
  resume(): void;
}

export async function startExecutor(sql: postgres.Sql, brokerUrl: string): Promise<Executor> {
  const connection = await connect(brokerUrl);
  const channel = await connection.createChannel();
  await declare(channel);
  const state = createState();
  const send: Executor['send'] = (exchange, routingKey, { type, payload }) => {
    const { content, options } = write(type, payload);
    channel.publish(exchange, routingKey, content, options);
  };
  const work = createWork(sql, state, send);
  let last: Promise<void> = Promise.resolve();
  const inTurn = (step: () => Promise<void>): void => {
    last = last.then(step).catch((error: unknown) => void state.rejected.push(String(error)));
  };
  await channel.consume('test.executor', (delivery) => {
    if (!delivery) return;
    channel.ack(delivery);
    inTurn(async () => await work.take(readStrictly(delivery)));
  });
  const rounds = setInterval(() => inTurn(work.monitor), MONITOR_MS);
  return {
    ...state,
    send,
    request: async (actionRef, columns) => {
      const id = await insertExecution(sql, actionRef, columns);
      await work.announce(id);
      return id;
    },
    cancel: async (id) => await cancel(sql, id, send),
    pause: () => {
      state.isPaused = true;
    },
    resume: () => {
      state.isPaused = false;
      for (const id of state.waiting.splice(0)) inTurn(async () => await work.schedule(id));
    },
    [Symbol.asyncDispose]: async () => {
      clearInterval(rounds);
      await last;
      await connection.close();
    },
  };
}

async function declare(channel: Channel): Promise<void> {
  const types = { events: 'topic', executions: 'topic', notifications: 'fanout', dlx: 'direct' };
  for (const [name, type] of Object.entries(types))
    await channel.assertExchange(`attune.${name}`, type, { durable: true });
  await channel.assertQueue('attune.dlx.queue', { durable: true });
  await channel.bindQueue('attune.dlx.queue', 'attune.dlx', '#');
  await channel.assertQueue('test.executor', { durable: true });
  for (const key of ['execution.requested', 'execution.completed', 'execution.status.changed'])
    await channel.bindQueue('test.executor', 'attune.executions', key);
}

function createState() {
  return {
    heard: [] as Heard[],
    rejected: [] as string[],
    abandoned: [] as number[],
    queueAcks: new Map<number, unknown>(),
    retries: new Map<number, number>(),
    /** Executions that wait for the end of the pause. */
    waiting: [] as number[],
    isPaused: false,
    turn: 0,
  };
}

interface Work {
  take(heard: Heard): Promise<void>;
  schedule(execution: number): Promise<void>;
  announce(execution: number): Promise<void>;
  monitor(): Promise<void>;
}

function createWork(sql: postgres.Sql, state: ReturnType<typeof createState>, send: Executor['send']): Work {
  const announce = async (id: number): Promise<void> => {
    const [row] = await sql`SELECT action, action_ref, parent, enforcement, config FROM execution WHERE id = ${id}`;
    const number = (value: unknown): number | null => (value === null ? null : Number(value));
    const payload = {
      ...{ execution_id: id, action_id: number(row?.['action']), action_ref: row?.['action_ref'] },
      ...{ parent_id: number(row?.['parent']), enforcement_id: number(row?.['enforcement']), config: row?.['config'] },
    };
    send('attune.executions', 'execution.requested', { type: 'ExecutionRequested', payload });
  };
  const scheduleOne = async (id: number): Promise<void> => {
    if (state.isPaused) return void state.waiting.push(id);
    const outcome = await schedule(sql, id, state.turn++);
    if (outcome.kind === 'dispatched') {
      const key = `execution.dispatch.worker.${outcome.worker}`;
      send('attune.executions', key, { type: 'ExecutionRequested', payload: outcome.payload });
    }
    if (outcome.kind === 'later') setTimeout(() => void announce(id).catch(() => {}), AGAIN_MS);
  };
  const end = async (id: number): Promise<void> => {
    const { queueAck, retriedAs } = await endOf(sql, id);
    if (queueAck !== undefined) state.queueAcks.set(id, queueAck);
    if (retriedAs === undefined) return;
    state.retries.set(id, retriedAs);
    await announce(retriedAs);
  };
  return {
    announce,
    schedule: scheduleOne,
    take: async (heard) => {
      if (heard.type === 'ExecutionRequested') await scheduleOne(heard.execution);
      if (heard.type === 'ExecutionCompleted') await end(heard.execution);
      state.heard.push(heard);
    },
    monitor: async () => {
      state.abandoned.push(...(await monitor(sql)));
    },
  };
}

/** What runs is asked to end; what has not begun is cancelled at once. */
async function cancel(sql: postgres.Sql, id: number, send: Executor['send']): Promise<void> {
  const [row] = await sql<{ status: string; worker: string | null }[]>`
    UPDATE execution SET status = CASE status WHEN 'running' THEN 'canceling' ELSE 'cancelled' END::execution_status_enum
    WHERE id = ${id} AND status IN ('requested', 'scheduling', 'scheduled', 'running') RETURNING status, worker`;
  if (!row?.worker) return;
  const payload = { execution_id: id, worker_id: Number(row.worker) };
  const key = `execution.cancel.worker.${row.worker}`;
  send('attune.executions', key, { type: 'ExecutionCancelRequested', payload });
}
