import { existsSync, writeFileSync } from 'node:fs';
import { call } from './call.ts';

const binfmt = '/proc/sys/fs/binfmt_misc';
const NAME = 'attune-test-aarch64';
const QEMU = '/usr/bin/qemu-aarch64-static';

/** Why programs for aarch64 cannot be run here, or undefined. */
export function foreignProblem(): string | undefined {
  if (process.arch !== 'x64') return 'this machine is no x86-64';
  if (process.getuid?.() !== 0) return 'needs root';
  return existsSync(QEMU) ? undefined : 'needs qemu-user-static';
}

/** Until disposed, the kernel gives programs for aarch64 to QEMU, in every root: it keeps the interpreter open. */
export function runForeign(): Disposable {
  if (!existsSync(`${binfmt}/register`)) call(['mount', '-t', 'binfmt_misc', 'binfmt_misc', binfmt]);
  if (existsSync(`${binfmt}/${NAME}`) || existsSync(`${binfmt}/qemu-aarch64`)) return { [Symbol.dispose]: () => {} };
  const magic = '\\x7fELF\\x02\\x01\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x02\\x00\\xb7\\x00';
  const mask = '\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\x00\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xfe\\xff\\xff\\xff';
  writeFileSync(`${binfmt}/register`, `:${NAME}:M::${magic}:${mask}:${QEMU}:F`);
  return { [Symbol.dispose]: () => writeFileSync(`${binfmt}/${NAME}`, '-1') };
}
