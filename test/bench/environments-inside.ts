/** Runs in the root of installers; see environments.ts. */

import { systemClock } from '#cli/wiring/clock.ts';
import { families } from '#domain/families.ts';
import { openEnvironments } from '#execution/environments/environments.ts';
import { openFileLedger } from '#execution/environments/file-ledger.ts';
import type { ScriptPlace } from '#execution/environments/plan.ts';
import { changeVariables } from '#execution/process/child-environment.ts';
import { detect } from '#execution/runtimes/detect.ts';
import { executeScript } from '#execution/script/execute-script.ts';
import type { ScriptRequest } from '#execution/script/open-script.ts';
import { findWorkPlace } from '#execution/script/work-place.ts';
import { loadPacks } from '#packs/load-action.ts';
import { prepareScript } from '#worker/prepare-script.ts';
import { race } from './measure.ts';

const ROUNDS = 15;
const { env } = process;
const place = findWorkPlace(env, {});
if (!place.ok) throw new Error(place.error);
const workPlace = place.value;
const root = workPlace.environments;
const environments = openEnvironments(
  {
    ...{ root, env, machine: { libc: 'glibc', arch: process.arch }, isOffline: true, timeoutMs: 300_000 },
    ...{ limits: { ageMs: 1e12, bytes: 1e12 }, clock: systemClock, verify: 'use' },
  },
  openFileLedger(root, systemClock),
);
const io = { sink: { write: () => {} }, signals: { cancel: new AbortController().signal } };
const { interpreters } = await detect(env);

console.log(`  ${'pack'.padEnd(18)} ${'cold, s'.padStart(8)} ${'warm'.padStart(9)} / ${'bare, ms'.padEnd(9)} ratio`);
for (const { pack, actions } of loadPacks(process.argv[2] ?? '').packs) {
  const [action] = actions;
  const family = families.find((one) => one.name === action?.runtime.name);
  const interpreter = interpreters.find((one) => one.family === family?.name && one.problem === undefined);
  if (!(action && family && interpreter)) throw new Error(`${pack.ref} cannot run here`);
  const config = action.runtime.config?.execution_config;
  const script: ScriptPlace = { pack, family, interpreter, file: action.entryPoint, config };
  const started = performance.now();
  const prepared = await environments.prepare(script, io);
  const coldMs = performance.now() - started;
  if (!prepared.ok) throw new Error(`${pack.ref}: ${JSON.stringify(prepared.error)}`);
  const request: ScriptRequest = {
    ...{ program: { family, interpreter }, script: { file: action.entryPoint, cwd: pack.directory } },
    ...{ parameters: { values: { name: 'Ada' }, delivery: 'stdin', format: 'json' }, outputFormat: 'json' },
    ...{ variables: {}, artifactsDirectory: undefined },
    limits: { timeoutMs: 60_000, graceMs: 1000, logLimitBytes: { stdout: 1e6, stderr: 1e6 } },
  };
  const warm = async (): Promise<void> => {
    const ready = await prepareScript(request, script, { ...io, environments, flawOf: async () => undefined });
    if (!ready.ok) throw new Error(`${pack.ref}: ${JSON.stringify(ready.error)}`);
    using warmed = ready.value;
    const { result } = await executeScript(warmed.request, { ...io, env, workPlace });
    if (!result.succeeded) throw new Error(`${pack.ref}: ${JSON.stringify(result)}`);
  };
  /* The interpreter, or the compiled program, with the same arguments and nothing else. */
  const { interpreter: program, command, variables } = prepared.value;
  const usual = family.script.command.map((part) =>
    part.replace('{interpreter}', program).replace('{file}', action.entryPoint),
  );
  const bare = async (): Promise<void> => {
    const child = Bun.spawn([...(command ?? usual)], {
      ...{ cwd: pack.directory, env: changeVariables({ PATH: env['PATH'] ?? '', HOME: '/tmp' }, variables) },
      ...{ stdin: Buffer.from('{"name":"Ada"}\n'), stdout: 'pipe', stderr: 'ignore' },
    });
    if ((await child.exited) !== 0) throw new Error(`${pack.ref}: it fails when run directly`);
  };
  const [ours = 0, theirs = 0] = await race(ROUNDS, [warm, bare]);
  const numbers = [
    (coldMs / 1000).toFixed(2).padStart(8),
    ours.toFixed(1).padStart(9),
    '/',
    theirs.toFixed(1).padEnd(9),
  ];
  console.log(`  ${pack.ref.padEnd(18)} ${numbers.join(' ')} ${(ours / theirs).toFixed(2)}`);
}
