import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The directories in which the control group of this process may be for a controller (`''` means version 2), the most
 * exact first. Inside a container the group's own path is usually mounted as the root of the hierarchy.
 */
export function cgroupPlaces(controller: string, root = '/'): readonly string[] {
  const groups = readGroups(root).map((line) => line.split(':'));
  const [, names = controller, path = '/'] = groups.find((one) => one[1]?.split(',').includes(controller)) ?? [];
  const mounts = controller === '' ? ['', 'unified'] : [controller, names];
  return mounts.flatMap((mount) => [path, '/'].map((one) => join(root, 'sys/fs/cgroup', mount, one)));
}

function readGroups(root: string): readonly string[] {
  try {
    return readFileSync(join(root, 'proc/self/cgroup'), 'utf8').trim().split('\n');
  } catch {
    return [];
  }
}
