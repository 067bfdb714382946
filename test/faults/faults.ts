/** What is done to the processes, one thing after the other. */
import { breakages } from '#test/support/broken-places.ts';
import type { Bed } from './bed.ts';
import type { Kind } from './subjects.ts';

export interface Fault {
  readonly name: string;
  /** Whom it concerns. */
  readonly kinds: readonly Kind[];
  /** Those whose health cannot know of it. */
  readonly blameless?: readonly Kind[];
  /** How long it lasts, besides what beginning and ending take. */
  readonly seconds?: number;
  begin(): Promise<void>;
  end(): Promise<void>;
}

export const LASTS_S = 12;

const ofServers: readonly Kind[] = ['server', 'database worker', 'HTTP worker'];
const workers: readonly Kind[] = ['database worker', 'HTTP worker', 'standalone'];
const all: readonly Kind[] = ['server', ...workers];
const HOUR_MS = 3_600_000;

export function faultsOf(bed: Bed): readonly Fault[] {
  return [
    ...brokerFaults(bed),
    ...databaseFaults(bed),
    ...networkFaults(bed),
    ...placeFaults(bed),
    ...processFaults(bed),
  ];
}

function brokerFaults({ cluster, broker }: Bed): readonly Fault[] {
  const { power } = cluster.broker;
  if (!power) return [];
  const watermark = (share: string): Promise<void> => power.control('set_vm_memory_high_watermark', share);
  return [
    { name: 'broker killed, and started again', kinds: ofServers, begin: power.kill, end: power.start },
    { name: 'broker mute', kinds: ofServers, begin: async () => broker.mute(), end: async () => broker.unmute() },
    {
      name: 'memory alarm of the broker',
      kinds: ofServers,
      begin: () => watermark('0.00001'),
      end: () => watermark('0.4'),
    },
  ];
}

function databaseFaults({ cluster, database, administer }: Bed): readonly Fault[] {
  const { power } = cluster.database;
  const disconnect = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'attune-agent'`;
  const setReadOnly = (value: string): string =>
    `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = ${value}', current_database()); END $$`;
  const locked = (table: string): Fault => {
    let release = (): void => {};
    return {
      name: `lock on the table ${table}`,
      kinds: ofServers,
      begin: async () => {
        const held = Promise.withResolvers<void>();
        const over = Promise.withResolvers<void>();
        release = over.resolve;
        void administer(async (sql) => {
          await sql.unsafe(`LOCK TABLE attune.${table} IN ACCESS EXCLUSIVE MODE`);
          held.resolve();
          await over.promise;
        }).catch(held.reject);
        await held.promise;
      },
      end: async () => release(),
    };
  };
  const killed: readonly Fault[] = power
    ? [{ name: 'database killed, and started again', kinds: ofServers, begin: power.kill, end: power.start }]
    : [];
  return [
    ...killed,
    { name: 'database mute', kinds: ofServers, begin: async () => database.mute(), end: async () => database.unmute() },
    {
      name: 'database read-only',
      kinds: ofServers,
      begin: async () => {
        await administer((sql) => sql.unsafe(setReadOnly('on')));
        await administer((sql) => sql.unsafe(disconnect));
      },
      end: () => administer((sql) => sql.unsafe(setReadOnly('off'))),
    },
    {
      name: 'all connections of the database ended',
      kinds: ofServers,
      seconds: 0,
      begin: () => administer((sql) => sql.unsafe(disconnect)),
      end: async () => {},
    },
    locked('execution'),
    locked('worker'),
  ];
}

function networkFaults({ database, broker, server }: Bed): readonly Fault[] {
  const cut = (name: string, proxy: Bed['database'], kinds: readonly Kind[]): Fault => ({
    name: `network to the ${name} cut`,
    kinds,
    begin: async () => proxy.refuse(),
    end: async () => proxy.accept(),
  });
  const proxies = [database, broker, server];
  const delay = async (ms: number): Promise<void> => {
    for (const proxy of proxies) proxy.delay(ms / 2);
  };
  return [
    cut('database', database, ofServers),
    cut('broker', broker, ofServers),
    cut('server', server, ['HTTP worker']),
    { name: 'server mute', kinds: ['HTTP worker'], begin: async () => server.mute(), end: async () => server.unmute() },
    {
      name: 'round trips of 450 ms to all of them',
      kinds: ofServers,
      blameless: ofServers /* what is slow is not deaf */,
      seconds: 20,
      begin: () => delay(450),
      end: () => delay(0),
    },
  ];
}

function placeFaults({ subjects }: Bed): readonly Fault[] {
  const names = { full: 'full', inodes: 'without inodes', 'read-only': 'read-only', missing: 'removed' };
  return Object.entries(names).map(([word, name]) => {
    let broken: readonly { mend(): void }[] = [];
    return {
      name: `work directory ${name}`,
      kinds: workers,
      begin: async () => {
        broken = workers.flatMap((kind) => {
          const place = breakages[word]?.(subjects[kind].supervisor(), subjects[kind].place);
          place?.break();
          return place ?? [];
        });
      },
      end: async () => {
        for (const place of broken) place.mend();
      },
    };
  });
}

function processFaults({ subjects }: Bed): readonly Fault[] {
  const clock = (name: string, ms: number): Fault => ({
    name,
    kinds: all,
    begin: async () => {
      for (const kind of all) subjects[kind].shiftClock(ms);
    },
    end: async () => {
      for (const kind of all) subjects[kind].shiftClock(0);
    },
  });
  const killed = (which: 'agent' | 'supervisor', kinds: readonly Kind[]): Pick<Fault, 'begin' | 'end'> => ({
    begin: async () => {
      await Promise.all(kinds.map((kind) => subjects[kind].kill(subjects[kind][which]())));
    },
    end: async () => {
      await Promise.all(kinds.map((kind) => subjects[kind].start()));
    },
  });
  const signal = async (name: NodeJS.Signals): Promise<void> => {
    for (const kind of all) process.kill(subjects[kind].agent(), name);
  };
  return [
    clock('wall clock set on by an hour', HOUR_MS),
    clock('wall clock set back by an hour', -HOUR_MS),
    {
      name: 'server killed, and started again',
      kinds: ofServers,
      blameless: ['database worker'],
      ...killed('agent', ['server']),
    },
    { name: 'worker killed, and started again', kinds: workers, ...killed('agent', workers) },
    { name: 'supervisor killed, and started again', kinds: all, ...killed('supervisor', all) },
    { name: 'stopped, and continued', kinds: all, begin: () => signal('SIGSTOP'), end: () => signal('SIGCONT') },
  ];
}
