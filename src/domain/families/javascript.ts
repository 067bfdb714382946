/** Runtimes of JavaScript and TypeScript. */
import type { RuntimeFamily } from '#domain/runtime.ts';
import { ask, direct } from './shorthands.ts';

export const node: RuntimeFamily = {
  name: 'node',
  aliases: ['nodejs', 'node.js'],
  isSlowToStart: true,
  binaries: ['node', 'nodejs'],
  inherits: ['NODE_OPTIONS', 'NODE_PATH', 'NODE_ENV', 'NODE_EXTRA_CA_CERTS'],
  probes: ask('--version'),
  script: { extensions: ['.mjs', '.js', '.cjs'], command: direct },
  smoke: 'console.log("attune-ok")\n',
};

export const deno: RuntimeFamily = {
  name: 'deno',
  aliases: [],
  binaries: ['deno'],
  probes: ask('--version'),
  homes: ['DENO_INSTALL'],
  inherits: ['DENO_DIR'],
  homelessEnv: { DENO_DIR: '{cache}/deno' },
  script: { extensions: ['.ts'], command: ['{interpreter}', 'run', '--allow-all', '{file}'] },
  smoke: 'console.log("attune-ok")\n',
};

export const bun: RuntimeFamily = {
  name: 'bun',
  aliases: [],
  binaries: ['bun'],
  probes: ask('--version'),
  homes: ['BUN_INSTALL'],
  script: { extensions: ['.ts', '.tsx'], command: ['{interpreter}', 'run', '{file}'] },
  smoke: 'console.log("attune-ok")\n',
};
