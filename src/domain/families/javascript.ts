/** Runtimes of JavaScript and TypeScript. */
import type { RuntimeFamily } from '#domain/runtime.ts';
import { asking, askingExactly, direct } from './shorthands.ts';

export const node: RuntimeFamily = {
  name: 'node',
  aliases: ['nodejs', 'node.js'],
  isSlowToStart: true,
  binaries: ['node', 'nodejs'],
  inherits: [
    'NODE_OPTIONS',
    'NODE_PATH',
    'NODE_ENV',
    'NODE_EXTRA_CA_CERTS',
    'COREPACK_ENABLE_NETWORK',
    'COREPACK_HOME',
  ],
  defaults: { COREPACK_ENABLE_NETWORK: '0' },
  probes: [
    asking('--version', /^v(?<version>\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)$/m),
    askingExactly('-e', "console.log('attune ' + process.versions.node)"),
  ],
  script: {
    extensions: ['.mjs', '.js', '.cjs'],
    extensionOf: (code) => (isModule(code) ? '.mjs' : '.js'),
    command: direct,
    takesNext: /^(-[epr]|-pe|--(eval|print|require|import|loader|experimental-loader))$/,
  },
  smoke: 'console.log("attune-ok")\n',
};

export const deno: RuntimeFamily = {
  name: 'deno',
  aliases: [],
  binaries: ['deno'],
  probes: [asking('--version', /^deno (?<version>\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)/m)],
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
  probes: [
    asking('--version', /^(?<version>\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)(?:\+\w+)?$/m),
    asking('--revision', /^(?<version>\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)\+/m),
  ],
  homes: ['BUN_INSTALL'],
  script: {
    extensions: ['.ts', '.tsx'],
    command: ['{interpreter}', 'run', '{file}'],
    takesNext: /^(-[epr]|--(eval|print|preload))$/,
  },
  smoke: 'console.log("attune-ok")\n',
};

/* At the start of a statement. Also in a comment or a text it does no harm: what asks for CommonJS is rarely beside it. */
const MODULE =
  /(?:^|;)[ \t]*(?:import\s*(?:['"{*]|[\w$]+\s*(?:,|from\b))|export\s*(?:[{*]|(?:default|const|let|var|function|class|async)\b))|\bimport\.meta\b|\bcreateRequire\b/m;
const COMMON = /\brequire\s*[.(]|\bmodule\.exports\b|\bexports\.|\b__(?:dirname|filename)\b/;

/** Whether code is an ECMAScript module, as Node.js would find out: older ones do not look, and go by the name of the file. */
function isModule(code: string): boolean {
  return MODULE.test(code) || (/\bawait\b/.test(code) && !COMMON.test(code));
}
