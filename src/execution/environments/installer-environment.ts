import { DEFAULT_PATH, type Interpreter, type ProcessEnv, type RuntimeFamily } from '#domain/runtime.ts';
import { childEnvironment, homelessEnvironment } from '#execution/process/child-environment.ts';
import { writableHome } from '#execution/process/writable-home.ts';
import { cacheVariables } from './installer-caches.ts';

interface InstallerOptions {
  /** Outlives the build. */
  readonly cache: string;
  readonly temporary: string;
  /** True if they run as another user than the agent: then HOME and the user's name are not theirs. */
  readonly isOtherUser: boolean;
}

/** The environment of every command of a build. */
export function installerEnvironment(
  env: ProcessEnv,
  {
    family,
    interpreter,
  }: { readonly family: RuntimeFamily; readonly interpreter: Pick<Interpreter, 'path' | 'realPath'> },
  { cache, temporary, isOtherUser }: InstallerOptions,
): ProcessEnv {
  const { USER: _, LOGNAME: __, ...withoutUser } = env;
  const caches = cacheVariables(env, cache);
  return {
    ...homelessEnvironment(family, cache),
    ...childEnvironment(isOtherUser ? withoutUser : env, family, interpreter.path),
    HOME: (isOtherUser ? undefined : writableHome(env)) ?? temporary,
    ...installerVariables(env, Object.keys(caches)),
    ...caches,
    PATH: buildPath(interpreter, env),
    TMPDIR: temporary,
  };
}

/** Mirrors, proxies, certificates and credentials of installers; never an action's. */
const installers =
  /^(https?_proxy|no_proxy|all_proxy|(PIP|UV|NPM_CONFIG|YARN|PNPM|BUNDLE|GEM|CARGO|COMPOSER|MAVEN|GRADLE|PERL_CPANM|PERL_CARTON|RENV|DENO|BUN|GIT)_\w+|GO(PROXY|SUMDB|NOSUMDB|PRIVATE|NOPROXY|INSECURE|VCS|AUTH)|NODE_EXTRA_CA_CERTS|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|JAVA_HOME|M2_HOME|NETRC)$/i;

/** Settings of installers that keep what they say from being printed: the log and the reason of a failure are made of it. */
const quiet =
  /^(PIP_(LOG|QUIET)|UV_QUIET|(NPM|PNPM)_CONFIG_(LOGLEVEL|QUIET|REPORTER|SILENT)|YARN_SILENT|CARGO_TERM_QUIET|BUNDLE_QUIET)$/i;

/** Without those names in any case: npm takes `NPM_CONFIG_CACHE` for `npm_config_cache`. */
function installerVariables(env: ProcessEnv, without: readonly string[]): ProcessEnv {
  const others = new Set(without.map((name) => name.toLowerCase()));
  return Object.fromEntries(
    Object.entries(env).filter(
      ([name]) => installers.test(name) && !quiet.test(name) && !others.has(name.toLowerCase()),
    ),
  );
}

/** The `PATH` of a build, on which programs of the chosen interpreter's directory come before others of their names. */
export function buildPath({ path, realPath }: Pick<Interpreter, 'path' | 'realPath'>, env: ProcessEnv): string {
  const own = [path, realPath].map((one) => one.slice(0, one.lastIndexOf('/')) || '/');
  const rest = (env['PATH'] ?? DEFAULT_PATH).split(':');
  return [...new Set([own[0] ?? '', ...rest, own[1] ?? ''])].filter((one) => one !== '').join(':');
}
