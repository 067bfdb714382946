/**
 * `bun src/static-linker/main.ts [--arch x86_64|aarch64] [--out FILE] [--faults]`: bundles, compiles, links and verifies the agent,
 * or with `--entry FILE` another program that runs inside a static file, e.g. a benchmark.
 * With --faults, for tests only, ATTUNE_FAULT can make it kill itself.
 */

import { chmodSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { sha256Of } from '#crypto/sha256.ts';
import { billOfMaterials } from './bill-of-materials.ts';
import { bundle } from './bundle.ts';
import { LinkError } from './link-error.ts';
import { type Machine, machines } from './machines.ts';
import { merge } from './merge.ts';
import { readProgram } from './program.ts';
import { linkRuntimeImage } from './runtime-image.ts';
import { findToolchain, hostMachineName } from './toolchain.ts';
import { tryInEmptyRoot, verifyStatic } from './verify.ts';
import { verifyBun } from './verify-bun.ts';

const root = resolve(import.meta.dir, '../..');
const calledFrom = process.cwd();

try {
  await build();
} catch (error) {
  if (!(error instanceof LinkError)) throw error;
  console.error(`build-agent: ${error.message}`);
  process.exit(1);
}

async function build(): Promise<void> {
  process.chdir(root); /* the bundler writes paths relative to where it is called */
  const { values } = parseArgs({
    options: {
      arch: { type: 'string', default: hostMachineName() },
      out: { type: 'string' },
      faults: { type: 'boolean', default: false },
      entry: { type: 'string', default: 'src/main.ts' },
    },
  });
  const machine = machineNamed(values.arch);
  const out = resolve(calledFrom, values.out ?? join(root, 'dist', `attune-agent-${machine.name}`));
  const toolchain = findToolchain(machine);
  mkdirSync(dirname(out), { recursive: true });
  const bill = await billOfMaterials(root, toolchain.versions);
  const bundled = await bundle(resolve(root, values.entry), out, {
    machine,
    commit: commitOf(root),
    bill,
    hasFaults: values.faults,
  });
  verifyBun(root, machine);
  const program = readProgram(bundled.program, `${basename(out)} as compiled by Bun ${Bun.version}`);
  const runtime = linkRuntimeImage(program, toolchain);
  const linked = merge(program, runtime);
  verifyStatic(linked);
  const trial = replaceWhenTried(out, linked, machine);
  const digest = sha256Of(linked);
  writeFileSync(`${out}.sha256`, `${digest}  ${basename(out)}\n`);
  writeFileSync(`${out}.map`, bundled.sourceMap);
  writeFileSync(`${out}.cdx.json`, `${JSON.stringify(JSON.parse(bill), null, 2)}\n`);
  console.log(
    `${out}\n  ${linked.length} bytes, sha256 ${digest}\n  static, with musl ${runtime.muslVersion ?? 'of unknown version'}`,
  );
  console.log(`  ${trial}`);
}

function machineNamed(name: string): Machine {
  const found = machines.find((machine) => machine.name === name);
  if (found) return found;
  throw new LinkError(
    'wrong-machine',
    `--arch ${name}: expected ${machines.map((machine) => machine.name).join(' or ')}`,
  );
}

/** A file that fails its trial must not be taken for a finished build the next time. Returns what came of the trial. */
function replaceWhenTried(out: string, linked: Uint8Array, machine: Machine): string {
  const untried = `${out}.tmp`;
  try {
    writeFileSync(untried, linked);
    chmodSync(untried, 0o755);
    const trial = describeTrial(untried, machine);
    renameSync(untried, out);
    return trial;
  } finally {
    rmSync(untried, { force: true });
  }
}

function describeTrial(file: string, machine: Machine): string {
  if (machine.name !== hostMachineName()) return `not tried: this machine is ${hostMachineName()}`;
  const trial = tryInEmptyRoot(file);
  return trial.kind === 'ran'
    ? `runs in an empty root: ${trial.output}`
    : `not tried in an empty root: ${trial.reason}`;
}

/** ATTUNE_COMMIT where there is no repository (a container build). A changed tree says so. */
function commitOf(directory: string): string {
  const given = process.env['ATTUNE_COMMIT'];
  if (given) return given;
  const git = (...args: string[]): string | undefined => {
    if (Bun.which('git') === null) return undefined;
    const { success, stdout } = Bun.spawnSync(['git', '-C', directory, ...args], { stderr: 'ignore' });
    return success ? stdout.toString().trim() : undefined;
  };
  const commit = git('rev-parse', '--short=12', 'HEAD');
  if (commit === undefined) return 'unknown';
  return git('status', '--porcelain', '--untracked-files=no') === '' ? commit : `${commit}-changed`;
}
