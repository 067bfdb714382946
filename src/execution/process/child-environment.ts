import { dirname } from 'node:path';
import {
  DEFAULT_PATH,
  type ProcessEnv,
  type RuntimeFamily,
  type VariableChange,
  type VariableChanges,
} from '#domain/runtime.ts';

/** All that a child inherits from the container, besides what its own family needs. No secret of the agent is among it. */
const inherited: readonly string[] = [
  ...['HOME', 'USER', 'LOGNAME', 'HOSTNAME', 'LANG', 'LANGUAGE', 'LC_ALL', 'LC_CTYPE', 'TZ', 'TMPDIR'],
  ...['SSL_CERT_FILE', 'SSL_CERT_DIR', 'LD_LIBRARY_PATH'],
];

/** The clean environment of a program of `family`; the directory of `program` is searched, after what PATH has. */
export function childEnvironment(env: ProcessEnv, family: RuntimeFamily, program: string): Record<string, string> {
  const names = [...inherited, ...(family.homes ?? []), ...(family.inherits ?? [])];
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
  return value === '' && localeVariables.includes(name);
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
