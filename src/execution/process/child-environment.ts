import { dirname } from 'node:path';
import { families } from '#domain/families.ts';
import {
  DEFAULT_PATH,
  type ProcessEnv,
  type RuntimeFamily,
  type VariableChange,
  type VariableChanges,
} from '#domain/runtime.ts';

/** All that a child inherits from the container, besides what its own family needs. No secret of the agent is among it. */
const inherited: readonly string[] = [
  ...['HOME', 'USER', 'LOGNAME', 'HOSTNAME', 'LANG', 'LANGUAGE', 'TZ', 'TMPDIR'],
  ...['LC_ALL', 'LC_CTYPE', 'LC_COLLATE', 'LC_MESSAGES', 'LC_MONETARY', 'LC_NUMERIC', 'LC_TIME'],
  ...['SSL_CERT_FILE', 'SSL_CERT_DIR', 'LD_LIBRARY_PATH'],
];

/**
 * Where languages and what they load lie. A script starts programs of other languages too, and most of these do not start
 * without their place (`RUSTUP_HOME` and `GEM_HOME` of the official images). What says how Node.js runs is for its own scripts.
 */
const places: readonly string[] = families
  .flatMap(({ homes = [], inherits = [] }) => [...homes, ...inherits])
  .filter((name) => !name.startsWith('NODE_'));

/** Where version managers lie, and which version their shims run; none of these names is that of a secret. */
const MANAGER_VARIABLES =
  /^(?:(?:PY|RB|NOD|GO|J|PL|PHP|LUA)ENV_(?:ROOT|VERSION)|ASDF_(?:DIR|DATA_DIR|CONFIG_FILE|[A-Z0-9_]+_VERSION)|MISE_(?:[A-Z_]+_DIR|GLOBAL_CONFIG_FILE|ENV|[A-Z0-9_]+_VERSION)|PROTO_(?:HOME|[A-Z0-9_]+_VERSION)|(?:NVM|FNM|SDKMAN)_DIR|VOLTA_HOME|SWIFTLY_(?:HOME|BIN|TOOLCHAINS)_DIR|JULIAUP_DEPOT_PATH|JULIAUP_CHANNEL)$/;

/** The clean environment of a program of `family`; the directory of `program` is searched, after what PATH has. */
export function childEnvironment(env: ProcessEnv, family: RuntimeFamily, program: string): Record<string, string> {
  const managers = Object.keys(env).filter((name) => MANAGER_VARIABLES.test(name));
  const names = [...inherited, ...places, ...(family.inherits ?? []), ...managers];
  const kept = names.flatMap((name) => {
    const value = env[name];
    return value === undefined || isEmptyLocale(name, value) ? [] : [[name, value] as const];
  });
  return {
    ...localeOf(env),
    ...(program.includes('/shims/') ? NO_DOWNLOADS : {}),
    ...family.defaults,
    ...Object.fromEntries(kept),
    PATH: pathWith(env['PATH'] ?? DEFAULT_PATH, dirname(program)),
  };
}

/** A shim of mise or proto would download a version that is not there. */
const NO_DOWNLOADS: Readonly<Record<string, string>> = {
  ...{ MISE_AUTO_INSTALL: '0', MISE_EXEC_AUTO_INSTALL: '0', MISE_NOT_FOUND_AUTO_INSTALL: '0' },
  PROTO_AUTO_INSTALL: '0',
};

/** The variables that decide about the encoding of text. */
const localeVariables: readonly string[] = ['LC_ALL', 'LC_CTYPE', 'LANG'];

/** setlocale(3) takes an empty variable for one that is not there; some programs do not. */
function isEmptyLocale(name: string, value: string): boolean {
  return value === '' && /^(?:LANG$|LC_)/.test(name);
}

/**
 * UTF-8 where the container sets no locale: most programs would take its absence for ASCII. Perl is not to warn on
 * stderr where the C library of the container lacks that locale.
 */
function localeOf(env: ProcessEnv): Record<string, string> {
  const isSet = localeVariables.some((name) => (env[name] ?? '') !== '');
  return isSet ? {} : { LANG: 'C.UTF-8', PERL_BADLANG: '0' };
}

/**
 * The variables that a program of `family` needs where there is no writable HOME: they name places in `cache` to keep
 * its things.
 */
export function homelessEnvironment(family: RuntimeFamily, cache: string): Record<string, string> {
  const variables = Object.entries(family.homelessEnv ?? {});
  return Object.fromEntries(variables.map(([name, value]) => [name, value.replace('{cache}', () => cache)]));
}

/** Applies changes to variables. Text that is added to a variable that is absent or empty becomes its whole value. */
export function changeVariables(
  variables: Readonly<Record<string, string>>,
  changes: VariableChanges,
): Record<string, string> {
  const changed = { ...variables };
  for (const [name, change] of Object.entries(changes)) {
    const value = changedValue(changed[name] ?? '', change);
    if (value === undefined) delete changed[name];
    else changed[name] = value;
  }
  return changed;
}

/** The value that a variable gets; undefined: none. */
function changedValue(old: string, change: VariableChange): string | undefined {
  const { value, operation = 'set', separator = ':' } = typeof change === 'string' ? { value: change } : change;
  if (operation === 'unset') return undefined;
  if (operation === 'set' || old === '') return value;
  return operation === 'prepend' ? `${value}${separator}${old}` : `${old}${separator}${value}`;
}

function pathWith(path: string, directory: string): string {
  return path.split(':').includes(directory) ? path : `${path}:${directory}`;
}
