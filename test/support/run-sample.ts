/** `bun test/demo/run-sample.ts AGENT`: detection, then every action of the sample pack whose runtime is here. */
import { resolve } from 'node:path';
import { projectRoot } from '#test/support/project.ts';

const agent = resolve(process.argv[2] ?? 'dist/attune-agent-x86_64');
const packs = resolve(projectRoot, 'test/packs');
using server = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: () => new Response('fine\n') });

const accessLog = [
  '10.0.0.7 - - [01/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 5120',
  '10.0.0.9 - - [01/Nov/2026:10:00:02 +0000] "GET /missing HTTP/1.1" 404 153',
  '10.0.0.7 - - [01/Nov/2026:10:00:03 +0000] "GET / HTTP/1.1" 200 5120',
];

const calls: readonly { readonly runtime: string; readonly action: string; readonly parameters: object }[] = [
  { runtime: 'shell', action: 'http_check', parameters: { url: server.url.href } },
  { runtime: 'python', action: 'stats', parameters: { values: [3, 1, 4, 1, 5, 9, 2, 6] } },
  {
    runtime: 'node',
    action: 'render',
    parameters: { template: 'Dear {{name}}:{{#due}} {{item}}{{/due}}', values: { name: 'Ada', due: ['rent', 'tea'] } },
  },
  { runtime: 'ruby', action: 'parse_log', parameters: { lines: accessLog } },
  { runtime: 'go', action: 'hash', parameters: { texts: ['abc', ''] } },
  {
    runtime: 'java',
    action: 'join_csv',
    parameters: { key: 'id', left: 'id,name\n1,Ada\n2,Grace', right: 'id,born\n2,1906\n1,1815' },
  },
  { runtime: 'r', action: 'linear_model', parameters: { x: [1, 2, 3, 4], y: [2.1, 3.9, 6.2, 7.8] } },
  { runtime: 'perl', action: 'report', parameters: { title: 'November', items: { rent: 1000, tea: 12.5 } } },
];

say('attune-agent --detect-only');
await call(['--detect-only']);
const report = Bun.spawnSync([agent, '--detect-only', '--format', 'env'], { stderr: 'inherit' }).stdout.toString();
const present = report.trim().split('=')[1]?.split(',') ?? [];
let failures = 0;
for (const { runtime, action, parameters } of calls) {
  if (!present.includes(runtime)) {
    console.log(`\nnot run: sample.${action}, no ${runtime} on this machine`);
    continue;
  }
  say(`attune-agent run sample.${action} --params - <<< '${JSON.stringify(parameters)}'`);
  if ((await call(['run', `sample.${action}`, '--packs', packs, '--params', '-'], JSON.stringify(parameters))) !== 0)
    failures++;
}
console.log(failures === 0 ? '\nAll of it worked.' : `\n${failures} actions failed.`);
process.exit(failures === 0 ? 0 : 1);

function say(command: string): void {
  console.log(`\n$ ${command}`);
}

async function call(args: readonly string[], input = ''): Promise<number> {
  const child = Bun.spawn([agent, ...args], { stdin: Buffer.from(input), stdout: 'inherit', stderr: 'inherit' });
  return await child.exited;
}
