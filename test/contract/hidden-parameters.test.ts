/** Secret parameters that earlier versions have stored as they came, in databases of those versions. */
import { Database } from 'bun:sqlite';
import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { migrate } from '#adapters/store/postgres/migrate.ts';
import { openPostgresStore } from '#adapters/store/postgres/store.ts';
import { migrations } from '#adapters/store/sqlite/open.ts';
import { openSqliteStore } from '#adapters/store/sqlite/store.ts';
import { systemClock } from '#cli/wiring/clock.ts';
import { encryptAgainInTime } from '#cli/wiring/encrypt-again.ts';
import { createCiphers } from '#crypto/cipher.ts';
import { executionId } from '#domain/ids.ts';
import type { Store } from '#domain/store.ts';
import { shownParameters } from '#packs/secret-output.ts';
import { registrationRequest } from '#test/contract/samples.ts';
import { join as register } from '#test/contract/store/fixtures.ts';
import { loggerOf } from '#test/support/event-log.ts';
import { migrateBefore, openSql, schema } from '#test/support/schema.ts';
import { serversTest, sharedPostgres } from '#test/support/servers-test.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';

const server = sharedPostgres();
const ciphers = createCiphers('5e'.repeat(32));

const SECRET = { token: { type: 'string', secret: true }, deep: { properties: { key: { secret: true } } }, n: {} };
const actions = [
  { ref: 'old.secret', schema: JSON.stringify({ type: 'object', properties: SECRET }) },
  { ref: 'old.plain', schema: JSON.stringify({ properties: { secret: { type: 'string' }, n: {} } }) },
];
const given = { n: 1, token: 'hunter2', deep: { key: ['hunter3'], other: 2 } };
const masked = { n: 1, token: '********', deep: { key: '********', other: 2 } };
const FILLING = 1200;

/** Executions as they lie in the old database, by their ids from 1 on: one that waits, two that have ended, and others. */
const executions = [
  { action: 1, ref: 'old.secret', config: given, status: 'requested' },
  { action: 1, ref: 'old.secret', config: given, status: 'completed' },
  { action: 2, ref: 'old.plain', config: { secret: 'public', n: 2 }, status: 'completed' },
  { action: null, ref: 'old.gone', config: { any: 'hunter4' }, status: 'failed' },
  ...Array.from({ length: FILLING }, () => ({ action: 2, ref: 'old.plain', config: { n: 3 }, status: 'completed' })),
  { action: 1, ref: 'old.secret', config: given, status: 'failed' },
];
const LAST = executions.length;

interface Row {
  readonly id: number;
  readonly config: string;
  readonly encrypted: boolean;
}

interface OldDatabase extends AsyncDisposable {
  open(hasKey: boolean): Store;
  /** The rows whose parameters are none of the filling's. */
  rows(): Promise<readonly Row[]>;
  run(statement: string): Promise<void>;
}

async function inPostgres(): Promise<OldDatabase> {
  const url = await server().createDatabase();
  const sql = openSql(url);
  await migrateBefore(sql, 24);
  await sql`INSERT INTO pack (ref, label, version) VALUES ('old', 'Old', '1.0.0')`;
  await sql`
    INSERT INTO action (ref, pack, pack_ref, label, entrypoint, param_schema)
    SELECT a.ref, 1, 'old', a.ref, 'a.sh', a.schema::jsonb FROM json_to_recordset(${JSON.stringify(actions)}::text::json)
      AS a(ref TEXT, schema TEXT)`;
  await sql`
    INSERT INTO execution (action, action_ref, config, status, created)
    SELECT e.action, e.ref, e.config, e.status, now() - interval '1 hour'
    FROM json_to_recordset(${JSON.stringify(executions)}::text::json)
      AS e(action BIGINT, ref TEXT, config JSONB, status TEXT)`;
  await migrate(sql, schema);
  return {
    open: (hasKey) => openPostgresStore(url, { ciphers: hasKey ? ciphers : undefined }),
    rows: async () => {
      const rows = await sql<{ id: string; config: string; encrypted: boolean }[]>`
        SELECT id, config::text AS config, encrypted_config IS NOT NULL AS encrypted FROM execution
        WHERE config != '{"n": 3}' ORDER BY id`;
      return rows.map((row) => ({ ...row, id: Number(row.id) }));
    },
    run: async (statement) => void (await sql.unsafe(statement)),
    [Symbol.asyncDispose]: () => sql.end(),
  };
}

async function inSqlite(): Promise<OldDatabase> {
  const directory = temporaryDirectory();
  const path = join(directory.path, 'attune.db');
  const old = new Database(path);
  for (const one of migrations.slice(0, 15)) old.run(one);
  old.run('PRAGMA user_version = 15');
  old.run("INSERT INTO pack (id, ref, label, version) VALUES (1, 'old', 'Old', '1.0.0')");
  for (const one of actions)
    old
      .query(
        `INSERT INTO action (ref, pack, pack_ref, label, entrypoint, param_schema, parameter_delivery, parameter_format,
          output_format, required_worker_runtimes, worker_selector, worker_tolerations, worker_affinity)
        VALUES (?, 1, 'old', ?, 'a.sh', ?, 'stdin', 'json', 'text', '[]', '{}', '[]', '{}')`,
      )
      .run(one.ref, one.ref, one.schema);
  old.run('BEGIN');
  for (const one of executions)
    old
      .query(
        'INSERT INTO execution (action, action_ref, config, status, schedule_after, created, updated) VALUES (?, ?, ?, ?, 0, 0, 0)',
      )
      .run(one.action, one.ref, JSON.stringify(one.config), one.status);
  old.run('COMMIT');
  return {
    open: (hasKey) => openSqliteStore(path, Date.now, hasKey ? ciphers : undefined),
    rows: async () =>
      old
        .query<{ id: number; config: string; encrypted: number }, []>(
          `SELECT id, config, encrypted_config IS NOT NULL AS encrypted FROM execution WHERE config != '{"n":3}' ORDER BY id`,
        )
        .all()
        .map((row) => ({ ...row, encrypted: row.encrypted === 1 })),
    run: async (statement) => void old.run(statement),
    [Symbol.asyncDispose]: async () => {
      old.close();
      directory[Symbol.dispose]();
    },
  };
}

/** Goes on until there is nothing more to look at; returns how many executions were changed. */
async function hideAll(store: Store): Promise<number> {
  let all = 0;
  for (let steps = 0; steps < 50; steps++) {
    const { hidden, isDone } = await store.hideParameters(shownParameters);
    all += hidden;
    if (isDone) return all;
  }
  throw new Error('it has no end');
}

const hidden = (rows: readonly Row[]): readonly unknown[] =>
  rows.map(({ id, config, encrypted }) => [id, JSON.parse(config), encrypted]);

function contract(open: () => Promise<OldDatabase>, declare: (title: string, body: () => Promise<void>) => void): void {
  declare('what old versions have stored in the clear is encrypted, and can be run again', async () => {
    await using old = await open();
    await using store = old.open(true);
    const plain = [3, { secret: 'public', n: 2 }, false];
    expect(await hideAll(store)).toBe(4);
    const expected = [
      [1, masked, true],
      [2, masked, true],
      plain,
      [4, { any: '********' }, true],
      [LAST, masked, true],
    ];
    expect(hidden(await old.rows())).toEqual(expected);
    for (const id of [1, 2, LAST])
      expect(await store.readRequest(executionId(id))).toMatchObject({ parameters: masked, unmasked: given });
    expect(await hideAll(store)).toBe(0);
    expect(hidden(await old.rows())).toEqual(expected);
    await old.run(
      `UPDATE action SET param_schema = '{"properties": {"secret": {"secret": true}}}' WHERE ref = 'old.plain'`,
    );
    expect(await hideAll(store)).toBe(1);
    expect(hidden(await old.rows())[2]).toEqual([3, { secret: '********', n: 2 }, true]);
  });

  declare('without a key what has ended is masked, and what waits when it has ended', async () => {
    await using old = await open();
    await using store = old.open(false);
    expect(await hideAll(store)).toBe(2);
    const plain = [3, { secret: 'public', n: 2 }, false];
    const gone = [4, { any: 'hunter4' }, false];
    expect(hidden(await old.rows())).toEqual([
      [1, given, false],
      [2, masked, false],
      plain,
      gone,
      [LAST, masked, false],
    ]);
    await old.run("UPDATE execution SET status = 'completed' WHERE id = 1");
    expect([await hideAll(store), await hideAll(store)]).toEqual([1, 0]);
    expect(hidden(await old.rows())[0]).toEqual([1, masked, false]);
    await using later = old.open(true);
    expect(await hideAll(later)).toBe(1);
    expect(hidden(await old.rows())[3]).toEqual([4, { any: '********' }, true]);
  });

  declare(
    'a schedule keeps what has become secret of its parameters encrypted, and asks with it as before',
    async () => {
      await using old = await open();
      const whole = { secret: 'of the schedule', n: 1 };
      const schedule = { name: 'default', cron: '@daily', timeZone: 'UTC', missed: 'once', isPaused: false } as const;
      await using store = old.open(true);
      const add = async (name: string): Promise<string> => {
        const added = await store.addSchedule({ ...schedule, name, actionRef: 'old.plain', parameters: whole }, 100);
        return added.ok ? added.value : added.error;
      };
      const id = await add('first');
      await hideAll(store);
      expect((await store.findSchedule(id))?.parameters).toEqual(whole);
      const change = (text: string): Promise<void> =>
        old.run(`UPDATE action SET param_schema = '{"properties": {${text}}}' WHERE ref = 'old.plain'`);
      await change('"secret": {"secret": true}');
      await hideAll(store);
      const shown = { secret: '********', n: 1 };
      expect((await store.findSchedule(id))?.parameters).toEqual(shown);
      expect((await store.dueSchedules(9)).due).toMatchObject([{ id, parameters: whole, unreadable: undefined }]);
      await using other = old.open(false);
      expect((await other.dueSchedules(9)).due).toMatchObject([
        { id, parameters: shown, unreadable: expect.stringContaining('there is no key to decrypt it') },
      ]);
      const later = await add('later');
      await hideAll(other);
      expect((await store.dueSchedules(9)).due).toMatchObject([
        { parameters: whole },
        { id: later, parameters: shown },
      ]);
    },
  );

  declare('several servers at once, of which some end in the middle, hide each execution once', async () => {
    await using old = await open();
    {
      await using first = old.open(true);
      expect((await first.hideParameters(shownParameters)).isDone).toBe(false);
    }
    await using second = old.open(true);
    await using third = old.open(true);
    const done = await Promise.all([hideAll(second), hideAll(third), hideAll(second)]);
    expect(done.reduce((sum, one) => sum + one)).toBe(1);
    for (const id of [1, 2, LAST]) expect((await second.readRequest(executionId(id)))?.unmasked).toEqual(given);
  });
}

serversTest('what is bound to no place is encrypted again when no worker of before reads it any more', async () => {
  await using old = await inPostgres();
  await using store = old.open(true);
  const before = ciphers.joined.encrypt('"old"', ['key', 'value']);
  await store.saveKey({ ref: 'one', ownerType: 'system', owner: undefined, name: 'one', value: 'new' });
  await old.run(`UPDATE key SET value = '"${before}"', encryption_key_hash = '${ciphers.joined.keyHash}'`);
  const worker = registrationRequest('of-before');
  await register(store, worker);
  expect(await store.readersOfBefore()).toEqual(['of-before']);
  const lines: string[] = [];
  const sleep = async (): Promise<void> => {
    const capabilities = { ...worker.capabilities, batched_dispatch: true };
    await register(store, { ...worker, capabilities });
  };
  const logger = loggerOf((line) => void lines.push(line));
  await encryptAgainInTime({ store, logger, clock: { ...systemClock, sleep } }, new AbortController().signal);
  expect(lines).toEqual([
    'old secrets are encrypted again when these workers are renewed',
    'old secrets encrypted again',
  ]);
  expect(await store.encryptAgain()).toEqual({ encrypted: 0, left: 0 });
});

contract(inPostgres, (title, body) => serversTest(`PostgreSQL: ${title}`, body));
contract(inSqlite, (title, body) => test(`SQLite: ${title}`, body));
