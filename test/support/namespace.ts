/** Commands that run `command` with namespaces of its own, as root or by a user namespace. */
const asRoot = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user'];

/** As PID 1 of a namespace with its own /proc. */
export function inPidNamespace(command: readonly string[]): readonly string[] {
  return ['unshare', ...asRoot, '--pid', '--fork', '--mount', '--mount-proc', '--kill-child', ...command];
}

/** With mounts of its own, beginning with a shell script that makes them; `"$@"` is the command. */
export function withMounts(script: string, command: readonly string[]): readonly string[] {
  return [
    'unshare',
    ...asRoot,
    '--mount',
    '--propagation',
    'private',
    'sh',
    '-euc',
    `${script}; exec "$@"`,
    'sh',
    ...command,
  ];
}
