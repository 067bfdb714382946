/** The tutorial of packs, as somebody who follows it: each file and each command as it is printed. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { agentFile } from '#test/support/agent.ts';
import { type Call, call } from '#test/support/call.ts';
import { projectRoot } from '#test/support/project.ts';
import { type Standalone, standalone } from '#test/support/standalone.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';

const document = readFileSync(join(projectRoot, 'docs/packs/tutorial.md'), 'utf8');
const directory = temporaryDirectory();
const here = directory.path;
const env: Record<string, string> = {
  PATH: `${here}/bin:${process.env['PATH'] ?? ''}`,
  HOME: here,
  NO_COLOR: '1',
  ATTUNE__WORK_DIR: join(here, 'work'),
};
let whole: Standalone | undefined;

beforeAll(() => {
  for (const name of ['bin', 'work']) mkdirSync(join(here, name));
  symlinkSync(agentFile, join(here, 'bin/attune-agent'));
});
afterAll(async () => {
  await whole?.[Symbol.asyncDispose]();
  directory[Symbol.dispose]();
});

/** The first block of a language after a text of the document. */
function blockAfter(text: string, language: string): string {
  const from = document.indexOf(text);
  const found = new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 's').exec(document.slice(from));
  if (from < 0 || found?.[1] === undefined) throw new Error(`the tutorial has no block of ${language} after ${text}`);
  return found[1];
}

/** Runs a command that the tutorial prints. */
function follow(line: string): Call {
  expect(document).toContain(line);
  const done = call(['sh', '-c', line], { env, cwd: here });
  expect([line, done.exitCode, done.stderr]).toEqual([line, 0, expect.any(String)]);
  return done;
}

test('a new pack, an action of each language, test cases', () => {
  expect(follow('attune-agent packs new weather --runtime python').stdout).toContain('packs/weather/pack.yaml');
  expect(follow('attune-agent run weather.hello -p name=Ann').stdout).toContain('Hello, Ann!');
  /* What registries give is stood in for; installers have tests of their own. */
  const comma = 'def intcomma(value):\n    return f"{value:,}"\n';
  directory.file('packs/weather/actions/humanize.py', comma);
  const files: readonly (readonly [path: string, after: string, language: string])[] = [
    ['actions/report.yaml', '`packs/weather/actions/report.yaml` describes', 'yaml'],
    ['actions/report.py', '`packs/weather/actions/report.py` is', 'python'],
    ['actions/wait.yaml', '`packs/weather/package.json`, ', 'yaml'],
    ['actions/wait.js', '`packs/weather/package.json`, ', 'js'],
    ['tests/report.yaml', '`packs/weather/tests/report.yaml`:', 'yaml'],
  ];
  for (const [path, after, language] of files) directory.file(`packs/weather/${path}`, blockAfter(after, language));
  const report = follow('attune-agent run weather.report -p celsius=21.5');
  expect(report.stdout).toBe('{"text": "21,500.0 mC"}\n');
  expect(report.stderr).toContain('the sensor was asked with None');
  expect(follow('attune-agent packs validate packs/weather').stdout).toContain('pack weather 0.1.0: 3 actions');
  const tests = follow('attune-agent packs test packs/weather');
  expect(tests.stdout).toContain('ok 4 - weather.report: writes thousands');
  expect(tests.stdout).not.toContain('not ok');
}, 120_000);

test('the secret of the server reaches the action, and its log masked', async () => {
  whole = await standalone(join(here, 'data'), { ...env, ATTUNE_PACKS_DIR: join(here, 'packs') });
  Object.assign(env, { ATTUNE_API_URL: whole.url, ATTUNE_API_TOKEN: whole.token });
  directory.file('token.txt', 'a-secret-token\n');
  follow('attune-agent keys set token --pack weather < token.txt');
  const report = follow('attune-agent submit weather.report -p celsius=21.5');
  expect(report.stdout).toBe('{"text": "21,500.0 mC"}\n');
  expect(report.stderr).toContain('the sensor was asked with ***\n');
}, 120_000);
