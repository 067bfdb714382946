import { readdirSync, readFileSync } from 'node:fs';

/** The places where control groups are mounted; without /proc, the usual one. */
export function cgroupMounts(root = '/'): readonly string[] {
  try {
    const lines = readFileSync(`${root}proc/self/mountinfo`, 'utf8').split('\n');
    return lines.flatMap((line) => {
      const [before = '', after = ''] = line.split(' - ');
      const point = before.split(' ')[4];
      return point !== undefined && /^cgroup2? /.test(after) ? [point] : [];
    });
  } catch {
    return ['/sys/fs/cgroup'];
  }
}

/**
 * Lists paths that together are everything below `directory` but the excluded ones: Landlock knows what is allowed, and
 * no exceptions from it. Links are left out, as what they lead to is listed where it lies.
 */
export function everythingBut(excluded: readonly string[], directory = '/'): readonly string[] {
  const base = directory === '/' ? '' : directory;
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = `${base}/${entry.name}`;
    if (entry.isSymbolicLink() || excluded.includes(path)) return [];
    return excluded.some((one) => one.startsWith(`${path}/`)) ? everythingBut(excluded, path) : [path];
  });
}
