import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { projectRoot } from '#test/support/project.ts';
import { type Call, type CallOptions, call } from './call.ts';

const machine = process.arch === 'arm64' ? 'aarch64' : 'x86_64';

/** The static file under test; `make test` has built it. */
export const agentFile = resolve(projectRoot, `dist/attune-agent-${machine}`);
export const packs = resolve(projectRoot, 'test/packs');

if (!existsSync(agentFile)) throw new Error(`${agentFile} does not exist: run make build-agent`);

/** Runs the agent to its end. */
export function callAgent(args: readonly string[], options: CallOptions = {}): Call {
  return call([agentFile, ...args], options);
}
