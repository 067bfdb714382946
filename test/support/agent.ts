import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { projectRoot } from '#test/support/project.ts';
import { type Call, type CallOptions, call } from './call.ts';
import { reachable } from './reachable.ts';

const machine = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
const built = resolve(projectRoot, `dist/attune-agent-${machine}`);

if (!existsSync(built)) throw new Error(`${built} does not exist: run make build-agent`);

const directory = reachable(resolve(projectRoot, 'dist'));

/** The static file under test; `make test` has built it. */
export const agentFile = join(directory, `attune-agent-${machine}`);
/** The one that tests can make kill itself at chosen points. */
export const faultyFile = join(directory, `attune-agent-faults-${machine}`);
export const packs = resolve(projectRoot, 'test/packs');

/** Runs the agent to its end. */
export function callAgent(args: readonly string[], options: CallOptions = {}): Call {
  return call([agentFile, ...args], options);
}
