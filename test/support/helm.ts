import { join } from 'node:path';
import { type Call, call } from './call.ts';
import { rootFileSystem } from './root-file-systems.ts';

/** Runs the real Helm, without any cluster. */
export function helm(...args: readonly string[]): Call {
  const directory = rootFileSystem('helm');
  const env = { PATH: '/usr/bin:/bin', HOME: join(directory, 'home') };
  return call([join(directory, 'bin/helm'), ...args], { env });
}
