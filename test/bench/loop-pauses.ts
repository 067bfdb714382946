/**
 * The longest pause of the agent's loop while hostile data are read, checked, masked, packed and removed: a whole Attune
 * in one process is asked for its health all the time, by another process, and the slowest answer counts. As root, both
 * have realtime priority, and what they start has not, so that the load of the machine does not count.
 */
import { join, resolve } from 'node:path';
import { agentFile } from '#test/support/agent.ts';
import { type Standalone, standalone } from '#test/support/standalone.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { until } from '#test/support/until.ts';

const agent = resolve(process.argv[2] ?? agentFile);
const deadlineMs = 300_000;
const isRealtime = process.getuid?.() === 0 && Bun.which('chrt') !== null;
/** Realtime priority, which children do not inherit. */
const soon = (priority: number): readonly string[] => (isRealtime ? ['chrt', '-R', '-f', String(priority)] : []);
using directory = temporaryDirectory();

/** Asks for an URL one time after the other until its stdin ends, and says how long the slowest answer took. */
const prober = `
  let isOver = false, worst = 0, count = 0;
  process.stdin.on('data', () => {}).on('end', () => { isOver = true; });
  while (!isOver) {
    const start = performance.now();
    await (await fetch(process.argv[1])).text();
    worst = Math.max(worst, performance.now() - start);
    count++;
    await Bun.sleep(1);
  }
  console.log(JSON.stringify({ worst, count }));
  process.exit(0);
`;

interface Attack {
  readonly yaml?: string;
  /** In Python. */
  readonly code?: string;
  readonly parameters?: object;
}

const attacks: Readonly<Record<string, Attack>> = {
  nothing: { code: 'pass' },
  'a result of 70,000 keys in YAML': {
    yaml: 'output_format: yaml',
    code: "print('\\n'.join(f'k{i}: v{i}' for i in range(70000)))",
  },
  'a result of 20,000 keys in YAML': {
    yaml: 'output_format: yaml',
    code: "print('\\n'.join(f'k{i}: {i}' for i in range(19900)))",
  },
  'a result of 20,000 keys in JSON': {
    yaml: 'output_format: json',
    code: "import json; print(json.dumps({f'k{i}': i for i in range(19900)}))",
  },
  'a result of 15,000 rows in JSON': {
    yaml: 'output_format: json',
    code: "import json; print(json.dumps([{'id': i, 'name': f'n{i}', 'size': i / 7} for i in range(15000)]))",
  },
  'a number of a million digits': { yaml: 'output_format: json', code: "print('1' + '0' * 1000000 + '1')" },
  'a result of 300,000 lists in YAML': { yaml: 'output_format: yaml', code: "print('[' + '[],' * 300000 + ']')" },
  'a result of 200,000 texts in JSON': {
    yaml: 'output_format: json',
    code: "print('[' + ','.join(['\"x\"'] * 200000) + ']')",
  },
  'a result of 300,000 lines of JSON': { yaml: 'output_format: jsonl', code: "print('{}\\n' * 300000)" },
  'hundreds of long masks that begin alike': {
    code: "for i in range(300): print('::add-mask::' + 'a' * 800 + str(i))\nfor i in range(100): print('a' * 20000)",
  },
  'a secret of 500,000 bytes and 50,000 lines': {
    yaml: 'parameters: {key: {type: string, secret: true}}',
    code: "import sys; print(sys.stdin.read()[:200000]); print('x' * 1000000)",
    parameters: { key: Array.from({ length: 50_000 }, (_, index) => `line ${index}`).join('\n') },
  },
  'parameters of 19,000 texts, given as YAML': {
    yaml: 'parameter_format: yaml\nparameters: {list: {type: array, items: {type: string}}}',
    code: 'import sys; sys.stdin.read()',
    parameters: { list: Array.from({ length: 19_000 }, (_, index) => `text ${index}`) },
  },
  'a pattern with many ways to match 100,000 letters': {
    yaml: "parameters: {text: {type: string, pattern: '^(a|b|ab){1,100}(a+)+$'}}",
    code: 'pass',
    parameters: { text: 'a'.repeat(100_000) },
  },
  '100,000 files to remove': {
    code: "import os, tempfile\nd = tempfile.mkdtemp()\nfor i in range(100000): open(os.path.join(d, str(i)), 'w').close()",
  },
  'a sparse artifact of a gigabyte': {
    code: "import os\nopen(os.environ['ATTUNE_ARTIFACTS_DIR'] + '/hole', 'wb').truncate(1 << 30)",
  },
};

directory.file('packs/hostile/pack.yaml', 'ref: hostile\nversion: 1.0.0\n');
for (const [index, { yaml = '', code = '' }] of Object.values(attacks).entries()) {
  directory.file(
    `packs/hostile/actions/a${index}.yaml`,
    `runner_type: python\nentry_point: a${index}.py\nparameter_delivery: stdin\n${yaml}\n`,
  );
  directory.file(`packs/hostile/actions/a${index}.py`, `${code}\n`);
}

await using all = await standalone(
  join(directory.path, 'data'),
  { ATTUNE_PACKS_DIR: join(directory.path, 'packs'), ATTUNE__ARTIFACTS__MAX_BYTES: String(2 ** 31) },
  { wrap: (args) => [...soon(50), agent, ...args] },
);
await slowestAnswer(async () => undefined); /* warm */
console.log(
  "the longest pause of the loop, seen from outside; on an idle machine of 2 cores it is the answer's own time",
);
for (const [index, [name, { parameters = {} }]] of Object.entries(attacks).entries()) {
  const { worst, count, status } = await slowestAnswer(() => run(all, `hostile.a${index}`, parameters));
  console.log(`${worst.toFixed(0).padStart(6)} ms  ${name} (${status}; ${count} answers)`);
}

const pages = await slowestAnswer(async () => {
  const parameters = { list: Array.from({ length: 19_000 }, (_, index) => `text ${index}`) };
  const body = JSON.stringify({ action_ref: 'hostile.a0', parameters });
  for (let count = 0; count < 40; count++) await (await all.api('executions', { method: 'POST', body })).text();
  for (let count = 0; count < 10; count++)
    await (await all.api('executions?limit=500&fields=parameters,result')).text();
  return 'listed';
});
console.log(`${pages.worst.toFixed(0).padStart(6)} ms  40 executions with large parameters, requested and listed`);

async function slowestAnswer(
  attack: () => Promise<string | undefined>,
): Promise<{ worst: number; count: number; status: string }> {
  const child = Bun.spawn([...soon(60), process.execPath, '-e', prober, `${all.url}/healthz`], {
    stdin: 'pipe',
    stdout: 'pipe',
  });
  const status = (await attack()) ?? '';
  await child.stdin.end();
  return { ...JSON.parse(await new Response(child.stdout).text()), status };
}

async function run({ api }: Standalone, action: string, parameters: object): Promise<string> {
  const body = JSON.stringify({ action_ref: action, parameters });
  const answer = await api('executions', { method: 'POST', body });
  if (answer.status !== 201) return `${answer.status} ${(await answer.text()).slice(0, 200)}`;
  const { id } = (await answer.json()) as { id: string };
  let status = '';
  await until(
    `the end of ${action}`,
    async () => {
      await Bun.sleep(50);
      status = ((await (await api(`executions/${id}`)).json()) as { status: string }).status;
      return ['completed', 'failed', 'timeout', 'abandoned'].includes(status);
    },
    deadlineMs,
  );
  return status;
}
