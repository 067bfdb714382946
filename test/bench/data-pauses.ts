/**
 * The longest step of a whole Attune in one process while it answers about much data: long tables, large rows, packs of many
 * files, many readers of one log. It needs perf, and root. `bun test/bench/data-pauses.ts [AGENT] [ONLY]`.
 */
import { Database } from 'bun:sqlite';
import { join, resolve } from 'node:path';
import { agentFile } from '#test/support/agent.ts';
import { type Standalone, standalone } from '#test/support/standalone.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { longestSteps } from './longest-step.ts';

const agent = resolve(process.argv[2] ?? agentFile);
const only = new RegExp(process.argv[3] ?? '');
const ROWS = 500_000;
const now = Date.now();

using directory = temporaryDirectory();
directory.file('packs/none/pack.yaml', 'ref: none\nversion: 1.0.0\n');
directory.file('packs/none/actions/none.yaml', 'entry_point: none.sh\nrunner_type: shell\n');
directory.file('packs/none/actions/none.sh', 'true\n');
const data = join(directory.path, 'data');
await using whole = await standalone(
  data,
  {
    ATTUNE_PACKS_DIR: join(directory.path, 'packs'),
    ATTUNE__RETENTION__EXECUTION_DAYS: '30',
    ATTUNE__RETENTION__RESULT_DAYS: '30',
    ATTUNE__RETENTION__EXECUTION_COUNT: String(ROWS - 1000),
    ATTUNE__RETENTION__RESULT_COUNT: String(ROWS - 1000),
    ATTUNE__RETENTION__AUDIT_COUNT: String(ROWS - 1000),
    ATTUNE__RETENTION__ARTIFACT_COUNT: String(ROWS - 1000),
    ATTUNE__RETENTION__INTERVAL: '10',
  },
  { wrap: (args) => [agent, ...args] },
);
fill();

const attacks: Readonly<Record<string, (attune: Standalone) => Promise<string>>> = {
  nothing: async () => 'nothing',
  'results of a megabyte, 500 of them in a list': get('executions?fields=result&limit=500&status=completed'),
  'an execution with a result of a megabyte': get(`executions/${ROWS}`),
  'ten of them at once': async (attune) =>
    (await Promise.all(Array.from({ length: 10 }, () => get(`executions/${ROWS}`)(attune))))[0] ?? '',
  'executions of a status that one in 5,000 has, and a text': get('executions?status=failed&q=usual'),
  'executions of a sparse status': get('executions?status=failed'),
  'executions of two sparse statuses, a pack': get('executions?status=failed,cancelled&pack_ref=usual'),
  'artifacts of an execution with one': get('artifacts?execution=5'),
  'artifacts, 500 of an execution': get(`artifacts?execution=${ROWS}&limit=500`),
  'artifacts, the newest 500': get('artifacts?limit=500'),
  'executions of several statuses': get('executions?status=failed,timeout,abandoned,completed'),
  'executions of a status and an action': get('executions?status=failed&action_ref=usual.action'),
  'executions of a worker and a status': get('executions?status=failed&worker=1'),
  'executions of a parent and a status': get('executions?status=failed&parent=5'),
  'the audit log of nobody': get('audit?actor=nobody'),
  'the audit log': get('audit?limit=1000'),
  keys: get('keys?limit=1000'),
  workers: get('workers?limit=1000'),
  placement: get('actions/none.none/placement'),
  activity: get('activity'),
  metrics: get('../../metrics'),
  'the document of the API': get('openapi.json'),
  'retention by age and count': async () => {
    await Bun.sleep(20_000);
    return 'waited';
  },
  'a hundred readers of a log of 8 MB': async (attune) => {
    const read = async (): Promise<number> => {
      const answer = await attune.api(`executions/${ROWS}/logs/stream`, { headers: { accept: 'text/event-stream' } });
      return (await answer.text()).length;
    };
    return (await Promise.all(Array.from({ length: 100 }, read))).slice(0, 2).join();
  },
  'a pack of 10,000 files': async (attune) => {
    for (let at = 0; at < 10_000; at++) directory.file(`many/lib/${at % 100}/f${at}.txt`, `${at}\n`);
    directory.file('many/pack.yaml', 'ref: many\nversion: 1.0.0\n');
    const archive = join(directory.path, 'many.tgz');
    await Bun.spawn(['tar', 'czf', archive, '-C', join(directory.path, 'many'), '.']).exited;
    const body = await Bun.file(archive).arrayBuffer();
    const answer = await attune.api('packs', { method: 'POST', body, headers: { 'content-type': 'application/gzip' } });
    return `${answer.status} ${(await answer.text()).slice(0, 100)}`;
  },
};

console.log('| ms of the processor, longest step | standalone |\n|---|---|');
for (const [name, work] of Object.entries(attacks)) {
  if (!only.test(name)) continue;
  const { value, longestMs } = await longestSteps([whole.child.pid], () => work(whole));
  console.log(`| ${name} | ${longestMs[0]?.toFixed(0)} |  ${value}`);
}

function get(path: string): (attune: Standalone) => Promise<string> {
  return async ({ api }) => {
    const answer = await api(path);
    return `${answer.status}, ${(await answer.text()).length} characters`;
  };
}

function fill(): void {
  const database = new Database(join(data, 'attune.db'));
  const rows = (count: number): string =>
    `WITH RECURSIVE n (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < ${count})`;
  const insert = database.transaction(() => {
    database.run(`${rows(1000)}
      INSERT INTO worker (name, worker_type, status, capabilities, last_heartbeat)
      SELECT 'w' || id, 'container', 'active', json_object('runtimes', json_array(), 'x', printf('%.30000c', 'x')), ${now} FROM n`);
    database.run(`${rows(ROWS)}
      INSERT INTO execution (id, action_ref, status, created, updated, schedule_after, worker)
      SELECT id, 'usual.action', 'completed', ${now} - 60000, ${now} - 50000, 0, 1 FROM n`);
    database.run(
      `UPDATE execution SET result = '{"data":"' || printf('%.1000000c', 'x') || '"}' WHERE id > ${ROWS - 500}`,
    );
    database.run(`${rows(ROWS)}
      INSERT INTO audit_log (at, actor, action, subject, status) SELECT ${now}, 'somebody', 'POST /x', 'y', 200 FROM n`);
    database.run(`${rows(5000)}
      INSERT INTO key (ref, owner_type, name, encrypted, value, created, updated)
      SELECT 'k' || id, 'system', 'k' || id, 1, 'x', 0, 0 FROM n`);
    database.run(`${rows(1000)}
      INSERT INTO execution_log (execution, attempt, seq, stream, "offset", data, at)
      SELECT ${ROWS}, 1, id, 'stdout', (id - 1) * 8000, CAST(printf('%.7999c', 'x') || char(10) AS BLOB), ${now} FROM n`);
    database.run(`${rows(100)}
      UPDATE execution SET status = 'failed' WHERE id IN (SELECT id * 5000 - 1 FROM n)`);
    database.run(`${rows(1000)} INSERT INTO artifact (id, ref, name, created, updated)
      SELECT id, 'usual.' || printf('%.200c', 'x') || id, 'n' || id, ${now}, ${now} FROM n`);
    database.run(`${rows(ROWS)}
      INSERT INTO artifact_version (artifact, version, size_bytes, checksum, file_path, execution, created)
      SELECT id % 1000 + 1, id / 1000 + 1, 10, printf('%.64c', 'a'), printf('%.200c', 'p') || id,
        CASE WHEN id > ${ROWS} - 2000 THEN ${ROWS} ELSE id END, ${now} FROM n`);
  });
  insert.immediate();
  database.close();
}
