/**
 * `bun test/faults/main.ts AGENT [--only WORDS] [--json FILE] [--write FILE]`: does to an Attune whatever can happen to it,
 * and prints what it did then, as a table. `--write` puts the table into a document. `--only` tries some faults, and
 * replaces their rows in the file of `--json`. The exit code is 1 when work was
 * lost, never went on, or health was not true.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { connect } from 'amqplib';
import { type Bed, startBed } from './bed.ts';
import { faultsOf, LASTS_S } from './faults.ts';
import { complaints } from './judge.ts';
import { HEARTBEAT_S, KINDS } from './subjects.ts';
import { describeCell, type Matrix, tableOf, withMatrix } from './table.ts';
import { everythingWorks, type Row, tryFault } from './try-fault.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { only: { type: 'string' }, json: { type: 'string' }, write: { type: 'string' } },
});
const [agent] = positionals;
if (agent === undefined) throw new Error('name the file, built by make build-agent-faults');

const started = performance.now();
const say = (line: string): void =>
  console.log(`${String(Math.round((performance.now() - started) / 1000)).padStart(5)} s  ${line}`);

say('starting PostgreSQL, RabbitMQ, a server and workers');
const bed = await startBed(agent);
const interrupted = async (): Promise<void> => {
  await bed[Symbol.asyncDispose]();
  process.exit(130);
};
process.once('SIGINT', () => void interrupted());
process.once('SIGTERM', () => void interrupted());

async function startAnew({ subjects, cluster }: Bed): Promise<void> {
  for (const kind of KINDS) {
    say(`the log of ${kind}:\n${subjects[kind].said()}`);
    await subjects[kind].kill(subjects[kind].supervisor()).catch(() => {});
    await subjects[kind].start();
    if (kind === 'server') await cluster.answers();
  }
}

async function rabbitVersion(url: string): Promise<string> {
  const connection = await connect(url);
  const { version } = connection.connection.serverProperties;
  await connection.close();
  return version;
}

const [version] = await bed.cluster.sql<{ server_version: string }[]>`SHOW server_version`;
const facts = {
  cores: availableParallelism(),
  postgres: /^[\d.]+/.exec(version?.server_version ?? '')?.[0] ?? '',
  rabbitmq: await rabbitVersion(bed.cluster.broker.url),
  heartbeatS: HEARTBEAT_S,
  lastsS: LASTS_S,
};
/** Rows of an earlier run, which those of this one replace. */
function earlierRows(): Record<string, Row> {
  if (values.only === undefined || values.json === undefined || !existsSync(values.json)) return {};
  return (JSON.parse(readFileSync(values.json, 'utf8')) as Matrix).rows;
}

const rows = earlierRows();
let count = 0;
const wrong: string[] = [];
for (const fault of faultsOf(bed)) {
  if (values.only !== undefined && !fault.name.includes(values.only)) continue;
  say(fault.name);
  const row = await everythingWorks(bed)
    .then(() => tryFault(bed, fault))
    .catch((error: unknown) => {
      wrong.push(`${fault.name}: ${error}`);
      return undefined;
    });
  if (!row) {
    await startAnew(bed);
    continue;
  }
  rows[fault.name] = row;
  count++;
  for (const kind of fault.kinds) say(`  ${kind}: ${describeCell(row[kind])}`);
  const found = fault.kinds.flatMap((kind) =>
    (row[kind] ? complaints(row[kind]) : []).map((one) => `${fault.name}, ${kind}: ${one}`),
  );
  wrong.push(...found);
  if (found.length > 0) await startAnew(bed);
}
const inOrder = faultsOf(bed).flatMap(({ name }) => (rows[name] ? [[name, rows[name]] as const] : []));
const matrix: Matrix = { ...facts, load: Math.round(loadavg()[1] ?? 0), rows: Object.fromEntries(inOrder) };
console.log(`\n${tableOf(matrix)}\n`);
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ ...matrix, wrong }, null, 2)}\n`);
if (values.write !== undefined) writeFileSync(values.write, withMatrix(readFileSync(values.write, 'utf8'), matrix));
say(wrong.length === 0 ? `${count} faults, nothing wrong` : `wrong:\n${wrong.join('\n')}`);
await bed[Symbol.asyncDispose]();
process.exit(wrong.length === 0 ? 0 : 1);
