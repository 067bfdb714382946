import { existsSync, lstatSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessEnv } from '#domain/runtime.ts';

/**
 * The variables that lead the caches of installers away from the home, which all packs share, and where they go in the
 * cache of the pack. Every build gets all of them: a package for Python may run Cargo, and a pack can have an installer of
 * its own. Settings stay where they are.
 */
const places: Readonly<Record<string, string>> = {
  XDG_CACHE_HOME: 'xdg' /* what has no variable of its own: node-gyp, pnpm, Corepack, LuaRocks, Playwright */,
  PIP_CACHE_DIR: 'pip',
  UV_CACHE_DIR: 'uv',
  npm_config_cache: 'npm',
  YARN_CACHE_FOLDER: 'yarn',
  YARN_GLOBAL_FOLDER: 'yarn-global' /* where Yarn keeps its cache from version 4 on */,
  PUPPETEER_CACHE_DIR: 'puppeteer',
  BUN_INSTALL_CACHE_DIR: 'bun',
  DENO_DIR: 'deno',
  GOCACHE: 'go-build',
  GOMODCACHE: 'go-mod',
  GOPATH: 'go',
  CARGO_HOME: 'cargo',
  GRADLE_USER_HOME: 'gradle',
  COURSIER_CACHE: 'coursier',
  JBANG_CACHE_DIR: 'jbang',
  JBANG_REPO: 'maven',
  NUGET_PACKAGES: 'nuget',
  NUGET_HTTP_CACHE_PATH: 'nuget-http',
  BUNDLE_USER_CACHE: 'bundle',
  BUNDLE_USER_PLUGIN: 'bundle-plugin',
  GEM_SPEC_CACHE: 'gem-specs',
  COMPOSER_CACHE_DIR: 'composer',
  PERL_CPANM_HOME: 'cpanm',
  RENV_PATHS_ROOT: 'renv',
};

/** The option by which Maven gets its local repository, which Gradle reads too. */
export function mavenRepository(cache: string): string {
  return `-Dmaven.repo.local=${join(cache, 'maven')}`;
}

/** The variables of a build for the cache of its pack; `env` is that of the agent. */
export function cacheVariables(env: ProcessEnv, cache: string): Readonly<Record<string, string>> {
  const variables = Object.entries(places).map(([name, place]) => [name, join(cache, place)] as const);
  const maven = [env['MAVEN_OPTS'] ?? '', ...mavenOptions(cache)].filter((one) => one !== '');
  return { ...Object.fromEntries(variables), MAVEN_OPTS: maven.join(' ') };
}

/**
 * A property of the system, since a pack can bring a repository along and name it in .mvn/maven.config, which goes before
 * that, but not before a command line. The script of Maven takes its options apart at spaces: `mavenArguments` are for such
 * a place.
 */
function mavenOptions(cache: string): readonly string[] {
  return /\s/.test(cache) ? [] : [mavenRepository(cache)];
}

/** The arguments of Maven for the cache of a pack, where variables cannot say it. */
export function mavenArguments(cache: string): readonly string[] {
  return /\s/.test(cache) ? [mavenRepository(cache)] : [];
}

/** Installers that have one directory for their cache and for settings of the user, by the names of the settings in it. */
const mixed: readonly { readonly variable: string; readonly inHome: string; readonly settings: readonly string[] }[] = [
  {
    variable: 'CARGO_HOME',
    inHome: '.cargo',
    settings: ['config.toml', 'config', 'credentials.toml', 'credentials'],
  },
  {
    variable: 'GRADLE_USER_HOME',
    inHome: '.gradle',
    settings: ['gradle.properties', 'init.gradle', 'init.gradle.kts', 'init.d', 'jdks'],
  },
];

/**
 * Links the settings of such installers into the cache of a pack. No other user may reach the cache now, since what an
 * earlier installer has left there is looked at first: a link would lead the agent elsewhere. `home` is that of the agent,
 * where its settings hold for installers.
 */
export function linkSettings(env: ProcessEnv, cache: string, home: string | undefined): void {
  for (const { variable, inHome, settings } of mixed) {
    const from = env[variable] ?? (home === undefined ? undefined : join(home, inHome));
    const into = join(cache, places[variable] ?? inHome);
    makeDirectory(into);
    for (const name of settings) {
      rmSync(join(into, name), { recursive: true, force: true });
      if (from !== undefined && existsSync(join(from, name))) symlinkSync(join(from, name), join(into, name));
    }
  }
}

/** Makes a directory, in place of anything else that has its name. */
function makeDirectory(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return;
  rmSync(path, { force: true });
  mkdirSync(path);
}
