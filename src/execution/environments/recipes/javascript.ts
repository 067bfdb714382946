import { join } from 'node:path';
import { readManifestJson } from '#execution/environments/manifest-json.ts';
import { onPath, type ProgramRecipe, type Recipe } from '#execution/environments/recipe.ts';

const inputs = ['package.json', '.npmrc', 'vendor', 'patches'];
/** Modules are looked for beside the script: the program below runs with them. */
const run = {};

function hasDependencies(text: string): boolean {
  const manifest = readManifestJson(text);
  const names = ['dependencies', 'optionalDependencies', 'workspaces'];
  return names.some((name) => Object.keys(Object(manifest[name])).length > 0);
}

const npmFix =
  'use an image with npm, or build the environment ahead where there is one (attune-agent environments build)';

function npm(manifest: string, command: string): Recipe {
  return {
    name: `npm ${command}`,
    manifest,
    ...(manifest === 'package.json' ? { isNeeded: hasDependencies } : {}),
    inputs,
    vendored: 'node_modules',
    tool: { binary: 'npm', fix: npmFix },
    commands: ({ tool, isOffline }) => [
      [
        ...[tool, command, '--omit=dev', '--no-audit', '--no-fund', '--no-update-notifier'],
        ...(isOffline ? ['--offline'] : []),
      ],
    ],
    run,
  };
}

/** No other pnpm, by its settings up to 10 and from 11 on, and no Node.js is downloaded. */
const noDownloads = { manage_package_manager_versions: 'false', pm_on_fail: 'ignore', runtime_on_fail: 'ignore' };

/** Variables by which pnpm takes settings: versions up to 10 read the first name of each, later ones the second. */
function pnpmSettings(settings: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const all = Object.entries(settings).flatMap(([name, value]) =>
    ['npm_config', 'pnpm_config'].map((prefix) => [`${prefix}_${name}`, value] as const),
  );
  return Object.fromEntries(all);
}

export const node: readonly Recipe[] = [
  npm('npm-shrinkwrap.json', 'ci'),
  npm('package-lock.json', 'ci'),
  {
    name: 'pnpm',
    manifest: 'pnpm-lock.yaml',
    inputs: [...inputs, 'pnpm-workspace.yaml', '.pnpmfile.cjs'],
    vendored: 'node_modules',
    tool: {
      binary: 'pnpm',
      fix: 'the pack has a pnpm-lock.yaml: install pnpm in the image, or give the pack a package-lock.json',
    },
    commands: ({ tool, isOffline }) => [
      [tool, 'install', '--frozen-lockfile', '--prod', ...(isOffline ? ['--offline'] : [])],
    ],
    variables: ({ cache }) => ({
      ...pnpmSettings({ store_dir: join(cache, 'pnpm'), package_import_method: 'copy', ...noDownloads }),
      CI: 'true',
    }),
    run,
  },
  {
    name: 'yarn',
    manifest: 'yarn.lock',
    inputs: [...inputs, '.yarnrc', '.yarnrc.yml', '.yarn'],
    vendored: 'node_modules',
    tool: {
      binary: 'yarn',
      fix: 'the pack has a yarn.lock: install yarn in the image, or give the pack a package-lock.json',
    },
    commands: ({ tool, text, isOffline }) => [
      /^__metadata:/m.test(text)
        ? [tool, 'install', '--immutable']
        : [
            ...[tool, 'install', '--frozen-lockfile', '--production', '--non-interactive'],
            ...(isOffline ? ['--offline'] : []),
          ],
    ],
    variables: () => ({
      YARN_NODE_LINKER: 'node-modules',
      /* What scripts of packages say is printed, rather than left in a file. */
      YARN_ENABLE_INLINE_BUILDS: 'true',
    }),
    run,
  },
  npm('package.json', 'install'),
];

export const bun: readonly Recipe[] = [
  {
    name: 'bun install',
    manifest: 'package.json',
    isNeeded: hasDependencies,
    inputs: [...inputs, 'bun.lock', 'bun.lockb', 'bunfig.toml'],
    vendored: 'node_modules',
    commands: ({ interpreter, has }) => [
      [
        ...[interpreter, 'install', '--production', '--no-progress', '--backend=copyfile'],
        ...(has('bun.lock') || has('bun.lockb') ? ['--frozen-lockfile'] : ['--no-save']),
      ],
    ],
    run,
  },
];

/**
 * The recipe for scripts that find modules in the directories above them: such a script runs in a copy of the pack that
 * has the modules.
 */
export function besideModules(extensions: readonly string[]): ProgramRecipe {
  return {
    name: 'modules',
    extensions,
    links: 'node_modules',
    commands: () => [],
    run: {
      command: ({ interpreter, copy }) => [interpreter, copy],
      variables: ({ environment }) => onPath(join(environment, 'pack/node_modules/.bin')),
      isInCopy: true,
    },
  };
}

export const deno: readonly Recipe[] = ['deno.json', 'deno.jsonc'].map((manifest) => ({
  name: 'deno install',
  manifest,
  isNeeded: (text) => /"(imports|importMap|workspace)"/.test(text),
  inputs: ['.'],
  commands: ({ interpreter, has }) => [
    [interpreter, 'install', '--quiet', '--node-modules-dir=none', has('deno.lock') ? '--frozen' : '--no-lock'],
  ],
  variables: ({ environment }) => ({ DENO_DIR: join(environment, 'deno'), DENO_NO_UPDATE_CHECK: '1' }),
  run: {
    command: ({ interpreter, file }) => [
      ...[interpreter, 'run', '--allow-all', '--cached-only', '--node-modules-dir=none', '--no-lock', file],
    ],
    variables: ({ environment }) => ({ DENO_DIR: join(environment, 'deno'), DENO_NO_UPDATE_CHECK: '1' }),
  },
}));
