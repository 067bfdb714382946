/** Long tables and large rows, the same in both kinds of database. */
import { Database } from 'bun:sqlite';
import type postgres from 'postgres';

const RESULT_BYTES = 1_000_000;
const WORKER_BYTES = 30_000;
const MANY_WORKERS = 20_000;
const CHUNK_BYTES = 7_999;

/** Executions with results of a megabyte, the last ones; the very last one has a log of 8 MB, the one before it one of 80 KB. */
const LARGE = 500;

/** Fills a database of SQLite with so many executions, artifacts and entries of the audit log. */
export function fillSqlite(file: string, rows: number): void {
  const database = new Database(file);
  const now = Date.now();
  const upTo = (count: number): string =>
    `WITH RECURSIVE n (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < ${count})`;
  const insert = database.transaction(() => {
    database.run(`${upTo(1000)}
      INSERT INTO worker (name, worker_type, status, capabilities, last_heartbeat)
      SELECT 'w' || id, 'container', 'active', json_object('runtimes', json_array(), 'x', printf('%.${WORKER_BYTES}c', 'x')), ${now} FROM n`);
    database.run(`${upTo(MANY_WORKERS)}
      INSERT INTO worker (name, worker_type, status, capabilities, last_heartbeat)
      SELECT 'v' || id, 'container', 'inactive', json_object('runtimes', json_array()), ${now} - 60000 FROM n`);
    database.run(`${upTo(rows)}
      INSERT INTO execution (id, action_ref, status, created, updated, schedule_after, worker)
      SELECT id, 'usual.action', 'completed', ${now} - 60000, ${now} - 50000, 0, 1 FROM n`);
    database.run(
      `UPDATE execution SET result = '{"data":"' || printf('%.${RESULT_BYTES}c', 'x') || '"}' WHERE id > ${rows - LARGE}`,
    );
    database.run(`${upTo(rows)}
      INSERT INTO audit_log (at, actor, action, subject, status) SELECT ${now}, 'somebody', 'POST /x', 'y', 200 FROM n`);
    database.run(`${upTo(5000)}
      INSERT INTO key (ref, owner_type, name, encrypted, value, created, updated)
      SELECT 'k' || id, 'system', 'k' || id, 1, 'x', 0, 0 FROM n`);
    for (const [execution, chunks] of [
      [rows, 1000],
      [rows - 1, 10],
    ] as const)
      database.run(`${upTo(chunks)}
        INSERT INTO execution_log (execution, attempt, seq, stream, "offset", data, at)
        SELECT ${execution}, 1, id, 'stdout', (id - 1) * ${CHUNK_BYTES + 1}, CAST(printf('%.${CHUNK_BYTES}c', 'x') || char(10) AS BLOB), ${now} FROM n`);
    database.run(`${upTo(100)}
      UPDATE execution SET status = 'failed' WHERE id IN (SELECT id * ${rows / 100} - 1 FROM n)`);
    database.run(`${upTo(1000)} INSERT INTO artifact (id, ref, name, created, updated)
      SELECT id, 'usual.' || printf('%.200c', 'x') || id, 'n' || id, ${now}, ${now} FROM n`);
    database.run(`${upTo(rows)}
      INSERT INTO artifact_version (artifact, version, size_bytes, checksum, file_path, execution, created)
      SELECT id % 1000 + 1, id / 1000 + 1, 10, printf('%.64c', 'a'), printf('%.200c', 'p') || id,
        CASE WHEN id > ${rows} - 2000 THEN ${rows} ELSE id END, ${now} FROM n`);
  });
  insert.immediate();
  database.close();
}

/** Fills a database of PostgreSQL in the same way. */
export async function fillPostgres(sql: postgres.Sql, rows: number): Promise<void> {
  await sql.unsafe('ALTER TABLE execution DISABLE TRIGGER USER');
  const statements = [
    `INSERT INTO worker (name, worker_type, status, capabilities, last_heartbeat)
      SELECT 'w' || n, 'container', 'active', jsonb_build_object('runtimes', jsonb_build_array(), 'x', repeat('x', ${WORKER_BYTES})), now()
      FROM generate_series(1, 1000) n`,
    `INSERT INTO worker (name, worker_type, status, capabilities, last_heartbeat)
      SELECT 'v' || n, 'container', 'inactive', jsonb_build_object('runtimes', jsonb_build_array()), now() - interval '1 minute'
      FROM generate_series(1, ${MANY_WORKERS}) n`,
    `INSERT INTO execution (id, action_ref, status, created, updated, worker, result)
      SELECT n, 'usual.action', CASE WHEN n % ${rows / 100} = ${rows / 100 - 1} THEN 'failed' ELSE 'completed' END,
        now() - interval '1 minute', now() - interval '50 s', (SELECT min(id) FROM worker),
        CASE WHEN n > ${rows - LARGE} THEN jsonb_build_object('data', repeat('x', ${RESULT_BYTES})) END
      FROM generate_series(1, ${rows}) n`,
    `SELECT setval(pg_get_serial_sequence('execution', 'id'), ${rows})`,
    `INSERT INTO audit_log (actor, action, subject, status) SELECT 'somebody', 'POST /x', 'y', 200 FROM generate_series(1, ${rows})`,
    `INSERT INTO key (ref, owner_type, name, encrypted, value)
      SELECT 'k' || n, 'system', 'k' || n, true, '"x"' FROM generate_series(1, 5000) n`,
    ...[`SELECT ${rows}, n FROM generate_series(1, 1000) n`, `SELECT ${rows - 1}, n FROM generate_series(1, 10) n`].map(
      (chunks) => `INSERT INTO execution_log (execution, attempt, stream, seq, "offset", data)
        SELECT e, 1, 'stdout', n, (n - 1) * ${CHUNK_BYTES + 1}, convert_to(repeat('x', ${CHUNK_BYTES}) || chr(10), 'UTF8')
        FROM (${chunks}) AS c (e, n)`,
    ),
    `INSERT INTO artifact (id, ref, name) SELECT n, 'usual.' || repeat('x', 200) || n, 'n' || n FROM generate_series(1, 1000) n`,
    "SELECT setval(pg_get_serial_sequence('artifact', 'id'), 1000)",
    `INSERT INTO artifact_version (artifact, version, size_bytes, checksum, file_path, execution)
      SELECT n % 1000 + 1, n / 1000 + 1, 10, repeat('a', 64), repeat('p', 200) || n,
        CASE WHEN n > ${rows} - 2000 THEN ${rows} ELSE n END
      FROM generate_series(1, ${rows}) n`,
    'ALTER TABLE execution ENABLE TRIGGER USER',
    'ANALYZE',
  ];
  /* At once: retention goes on meanwhile. */
  await sql.begin(async (transaction) => {
    for (const statement of statements) await transaction.unsafe(statement);
  });
}
