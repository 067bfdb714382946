import { basename, dirname, resolve } from 'node:path';
import { complain } from '#cli/complain.ts';
import { EXIT } from '#cli/exit-codes.ts';
import { configOption, formatOption } from '#cli/options.ts';
import { offering, required } from '#cli/parameter.ts';
import { withProgress, write } from '#cli/terminal.ts';
import { type Call, defineVerb } from '#cli/verb.ts';
import { prepareRun } from '#cli/wiring/prepare-run.ts';
import { readConfig } from '#cli/wiring/read-config.ts';
import { openRunner, type Runner } from '#cli/wiring/run-here.ts';
import { type Stop, stopOnSignals } from '#cli/wiring/stop-on-signals.ts';
import { type Report, type TestPoint, writeJunit, writeTap } from '#cli/wiring/test-report.ts';
import { validatePack } from '#cli/wiring/validate-pack.ts';
import type { Config } from '#config/schema.ts';
import type { LogSink } from '#domain/execution.ts';
import { failure, type Result } from '#domain/result.ts';
import { describeNoPack } from '#packs/check-pack.ts';
import { loadPackAt } from '#packs/load-action.ts';
import { type ActionTests, compareOutcome, readTestCases, type TestCase, type TestOutcome } from '#packs/test-cases.ts';

export const verb = defineVerb({
  details:
    'Each tests/ACTION.yaml of the pack has cases: parameters, and the status, result, log and error to expect. Every case is an execution of its own on this machine, without a server. The report is TAP version 14, or JUnit XML.',
  arguments: { directory: offering('packs-here', required('directory', 'Directory with a pack.yaml')) },
  options: { config: configOption(), format: formatOption('tap', 'junit') },
  settings: ['worker.task_timeout', 'limits', 'environments', 'runtime_envs_dir', 'work_dir'],
  examples: [
    ['attune-agent packs test packs/sample', 'Runs the test cases of the pack in that directory'],
    ['attune-agent packs test packs/sample --format junit > report.xml', 'Writes a report that CI systems read'],
  ],
  exitCodes: { [EXIT.success]: 'every case passed', [EXIT.failure]: 'a case failed, or the pack is broken' },
  action: async ({ directory }, { format }, call) => {
    const noPack = describeNoPack(directory);
    if (noPack === undefined) return await testPack(resolve(directory), format, call);
    await complain(noPack);
    return EXIT.failure;
  },
});

/** Runs the test cases of the pack in a directory and writes the report. Resolves with the exit code. */
export async function testPack(directory: string, format: 'tap' | 'junit', { env, sources }: Call): Promise<number> {
  const config = await readConfig({ ...sources, flags: { ...sources.flags, packs_base_dir: dirname(directory) } });
  if (!config) return EXIT.configuration;
  const tests = readTests(directory);
  if (!tests.ok) {
    const { flaws } = validatePack(directory, env);
    await complain(...(flaws.length > 0 ? flaws : [tests.error]));
    return EXIT.failure;
  }
  const runner = openRunner(config, env);
  if (!runner.ok) {
    await complain(runner.error.message);
    return runner.error.exitCode;
  }
  using stop = stopOnSignals();
  const report = format === 'tap' ? writeTap(basename(directory)) : writeJunit(basename(directory));
  const context = { runner: runner.value, config, env, stop };
  const hasPassed = await testAll(tests.value, report, context);
  return stop.exitCode() ?? (hasPassed ? EXIT.success : EXIT.failure);
}

function readTests(directory: string): Result<readonly ActionTests[], string> {
  const loaded = loadPackAt(directory);
  if (!loaded.ok) return loaded;
  const { ref } = loaded.value.pack;
  if (ref !== basename(directory)) return failure(`the directory of pack ${ref} must have its name: ${directory}`);
  const tests = readTestCases(directory, loaded.value);
  if (!tests.ok) return tests;
  const count = tests.value.reduce((sum, { cases }) => sum + cases.length, 0);
  return count === 0 ? failure(`there are no test cases: write them into ${directory}/tests/ACTION.yaml`) : tests;
}

interface TestContext {
  readonly runner: Runner;
  readonly config: Config;
  readonly env: Call['env'];
  readonly stop: Stop;
}

/** Runs all cases, one after the other, and reports each. True if all have passed. */
async function testAll(tests: readonly ActionTests[], report: Report, context: TestContext): Promise<boolean> {
  const cases = tests.flatMap(({ ref, cases: own }) => own.map((one) => ({ ref, wanted: one })));
  await write(process.stdout, report.begin(cases.length));
  let hasPassed = true;
  for (const { ref, wanted } of cases) {
    if (context.stop.cancel.aborted) break;
    const title = `${ref}: ${wanted.name}`;
    const point = await withProgress(`Running ${title}`, testOne(ref, wanted, context));
    if (context.stop.cancel.aborted) break; /* it was ended, not tried */
    hasPassed &&= point.flaws.length === 0;
    await write(process.stdout, report.add(point));
  }
  await write(process.stdout, report.end());
  return hasPassed;
}

async function testOne(ref: string, wanted: TestCase, context: TestContext): Promise<TestPoint> {
  const start = performance.now();
  const got = await execute(ref, wanted, context);
  const durationMs = performance.now() - start;
  return { action: ref, name: wanted.name, flaws: compareOutcome(wanted, got), log: got.log, durationMs };
}

async function execute(
  ref: string,
  { parameters: values }: TestCase,
  { runner, config, env, stop }: TestContext,
): Promise<TestOutcome> {
  const prepared = await prepareRun(ref, { param: [], values }, { env, config, stop: stop.cancel });
  if (!prepared.ok) return { status: 'refused', result: undefined, log: '', error: prepared.error };
  const chunks: Buffer[] = [];
  const sink: LogSink = { write: (_, bytes) => void chunks.push(Buffer.from(bytes)) };
  const { outcome, result } = await runner.run(prepared.value, sink, stop);
  const ends: Readonly<Record<string, string>> = {
    completed: 'completed',
    'timed-out': 'timeout',
    cancelled: 'cancelled',
  };
  return {
    status: ends[outcome.kind] ?? 'failed',
    result: result.data,
    log: Buffer.concat(chunks).toString(),
    error: result.error ?? result.output_error,
  };
}
