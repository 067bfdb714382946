import { readdirSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { codeOf } from '#domain/errors.ts';
import { DEFAULT_PATH, type ProcessEnv, type RuntimeFamily } from '#domain/runtime.ts';

/**
 * The places where version managers keep what they installed: the variable that moves them, their usual place, the way
 * to `bin`.
 */
const managers: readonly { readonly root: string; readonly usually: string; readonly bins: string }[] = [
  { root: 'PYENV_ROOT', usually: '~/.pyenv', bins: 'versions/*/bin' },
  ...['~/.nvm', '~/.config/nvm'].map((usually) => ({ ...{ root: 'NVM_DIR', usually, bins: 'versions/node/*/bin' } })),
  { root: 'RBENV_ROOT', usually: '~/.rbenv', bins: 'versions/*/bin' },
  { root: 'NODENV_ROOT', usually: '~/.nodenv', bins: 'versions/*/bin' },
  { root: 'GOENV_ROOT', usually: '~/.goenv', bins: 'versions/*/bin' },
  { root: 'JENV_ROOT', usually: '~/.jenv', bins: 'versions/*/bin' },
  { root: 'PLENV_ROOT', usually: '~/.plenv', bins: 'versions/*/bin' },
  { root: 'PHPENV_ROOT', usually: '~/.phpenv', bins: 'versions/*/bin' },
  { root: 'ASDF_DATA_DIR', usually: '~/.asdf', bins: 'installs/*/*/bin' },
  { root: 'MISE_DATA_DIR', usually: '~/.local/share/mise', bins: 'installs/*/*/bin' },
  { root: 'MISE_INSTALLS_DIR', usually: '~/.local/share/mise/installs', bins: '*/*/bin' },
  { root: 'MISE_SYSTEM_DATA_DIR', usually: '/usr/local/share/mise', bins: 'installs/*/*/bin' },
  { root: 'SDKMAN_DIR', usually: '~/.sdkman', bins: 'candidates/*/*/bin' },
  { root: 'VOLTA_HOME', usually: '~/.volta', bins: 'tools/image/*/*/bin' },
  { root: 'RUSTUP_HOME', usually: '~/.rustup', bins: 'toolchains/*/bin' },
  { root: 'JULIAUP_DEPOT_PATH', usually: '~/.julia', bins: 'juliaup/*/bin' },
  { root: 'SWIFTLY_TOOLCHAINS_DIR', usually: '~/.local/share/swiftly/toolchains', bins: '*/usr/bin' },
  ...['~/.local/share/fnm', '~/.fnm'].map((usually) => ({
    ...{ root: 'FNM_DIR', usually, bins: 'node-versions/*/installation/bin' },
  })),
  ...['tools/*/*/bin', 'tools/*/*/install/bin', 'tools/*/*'].map((bins) => ({
    ...{ root: 'PROTO_HOME', usually: '~/.proto', bins },
  })),
  { root: 'UV_PYTHON_INSTALL_DIR', usually: '~/.local/share/uv/python', bins: '*/bin' },
  { root: 'N_PREFIX', usually: '/usr/local', bins: 'n/versions/node/*/bin' },
  { root: 'rvm_path', usually: '~/.rvm', bins: 'rubies/*/bin' },
  ...['CONDA_PREFIX', 'MAMBA_ROOT_PREFIX'].flatMap((root) =>
    ['bin', 'envs/*/bin'].map((bins) => ({ root, usually: '~/miniconda3', bins })),
  ),
];

/** Fixed places; `~` needs HOME, `*` is any one directory. */
const usualPlaces: readonly string[] = [
  ...['/usr/local/bin', '/usr/bin', '/bin', '/usr/local/sbin', '/usr/sbin', '/sbin'],
  ...['/opt/*/bin', '/opt/bin', '/usr/local/go/bin', '/usr/local/*/bin', '/usr/lib/go-*/bin', '/usr/lib/jvm/*/bin'],
  ...['/usr/share/dotnet', '/usr/lib/dotnet', '/opt/microsoft/powershell/*', '/opt/conda/envs/*/bin', '/snap/bin'],
  ...[
    '~/.local/bin',
    '~/bin',
    '~/go/bin',
    '~/.cargo/bin',
    '~/.deno/bin',
    '~/.bun/bin',
    '~/.dotnet',
    '~/.juliaup/bin',
    '~/.ghcup/bin',
    '~/.opam/*/bin',
    '~/.volta/bin',
  ],
  ...['~/miniconda3/bin', '~/anaconda3/bin', '~/miniforge3/bin', '~/mambaforge/bin'],
  ...['/home/linuxbrew/.linuxbrew/bin', '/nix/var/nix/profiles/default/bin', '/run/current-system/sw/bin'],
];

/**
 * The directories to search, in order, each once: PATH, the homes of the families, then the known places that exist.
 */
export function searchDirectories(env: ProcessEnv, families: readonly RuntimeFamily[]): readonly string[] {
  const fromPath = (env['PATH'] ?? DEFAULT_PATH).split(':').filter(isAbsolute);
  const homes = families
    .flatMap((family) => family.homes ?? [])
    .map((name) => env[name])
    .flatMap((home) => (home !== undefined && isAbsolute(home) ? [join(home, 'bin'), home] : []));
  /* A manager whose shims are on PATH may lie anywhere. */
  const behindShims = fromPath.flatMap((directory) =>
    directory.endsWith('/shims')
      ? ['versions/*/bin', 'installs/*/*/bin', 'tools/*/*/bin', 'tools/*/*'].flatMap((bins) =>
          expand(join(directory, '..', bins), env),
        )
      : [],
  );
  const managed = managers.flatMap(({ root, usually, bins }) => expand(`${env[root] ?? usually}/${bins}`, env));
  const usual = usualPlaces.flatMap((pattern) => expand(pattern, env));
  return [...new Set([...fromPath, ...homes, ...usual, ...behindShims, ...managed])];
}

/** Newest-looking names first, so that the first of several installed versions is the default. */
function expand(pattern: string, env: ProcessEnv): readonly string[] {
  const home = env['HOME'];
  if (pattern.startsWith('~/') && !(home && isAbsolute(home))) return [];
  const [first = '', ...rest] = withBaseDirectory(pattern, env)
    .replace(/^~/, () => home ?? '')
    .split('/');
  return rest.reduce<readonly string[]>(
    (found, part) =>
      found.flatMap((directory) => (part.includes('*') ? childrenLike(directory, part) : [`${directory}/${part}`])),
    [first],
  );
}

/** Moves a place below the usual directories for data and settings to where the container has these. */
function withBaseDirectory(pattern: string, env: ProcessEnv): string {
  for (const [usual, name] of Object.entries(BASE_DIRECTORIES)) {
    const directory = env[name];
    if (directory !== undefined && isAbsolute(directory) && pattern.startsWith(`${usual}/`))
      return `${directory}${pattern.slice(usual.length)}`;
  }
  return pattern;
}

/** The usual directories of the XDG Base Directory Specification, and the variables that move them. */
const BASE_DIRECTORIES = { '~/.local/share': 'XDG_DATA_HOME', '~/.config': 'XDG_CONFIG_HOME' };

function childrenLike(directory: string, pattern: string): readonly string[] {
  const prefix = pattern.slice(0, pattern.indexOf('*'));
  return (listNames(directory) ?? [])
    .filter((name) => name.startsWith(prefix))
    .toSorted((a, b) => compareVersions(b, a))
    .map((name) => `${directory}/${name}`);
}

/** Lists the names in a directory; none if it is absent, undefined if it may be entered but not listed. */
export function listNames(directory: string): readonly string[] | undefined {
  try {
    return readdirSync(directory === '' ? '/' : directory);
  } catch (error) {
    return codeOf(error) === 'EACCES' ? undefined : [];
  }
}

/** Compares names by the numbers in them: `3.9` before `3.12`. Not Intl.Collator: its start takes milliseconds. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((name) => (name.match(/\d+/g) ?? []).map(Number));
  const difference = left?.map((number, i) => number - (right?.[i] ?? -1)).find((one) => one !== 0);
  return difference ?? (left?.length ?? 0) - (right?.length ?? 0);
}
