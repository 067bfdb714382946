import { dirname } from 'node:path';
import { DEFAULT_PATH, type ProcessEnv, type RuntimeFamily, type VariableChanges } from '#domain/runtime.ts';

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
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(kept), PATH: pathWith(env['PATH'] ?? DEFAULT_PATH, dirname(program)) };
}

/** What a program of `family` needs besides where there is no HOME: somewhere in `cache` to keep its things. */
export function homelessEnvironment(family: RuntimeFamily, cache: string): Record<string, string> {
  const variables = Object.entries(family.homelessEnv ?? {});
  return Object.fromEntries(variables.map(([name, value]) => [name, value.replace('{cache}', () => cache)]));
}

/** What is added to a variable that is not there or empty stands alone. */
export function changeVariables(
  variables: Readonly<Record<string, string>>,
  changes: VariableChanges,
): Record<string, string> {
  const changed = { ...variables };
  for (const [name, change] of Object.entries(changes)) {
    const { value, operation = 'set', separator = ':' } = typeof change === 'string' ? { value: change } : change;
    const old = changed[name] ?? '';
    if (operation === 'set' || old === '') changed[name] = value;
    else changed[name] = operation === 'prepend' ? `${value}${separator}${old}` : `${old}${separator}${value}`;
  }
  return changed;
}

function pathWith(path: string, directory: string): string {
  return path.split(':').includes(directory) ? path : `${path}:${directory}`;
}
