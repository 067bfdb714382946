import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { sha256Of } from '#crypto/sha256.ts';
import { LinkError } from './link-error.ts';
import type { Machine } from './machines.ts';

/**
 * Compares Bun's runtime for a machine, which becomes a part of the file and which Bun downloads by itself, with the
 * checksum in .ci/bun.sha256. Throws LinkError `tool-failed` when it is another one.
 */
export function verifyBun(root: string, { bunArch }: Machine): void {
  const name = `bun-linux-${bunArch === 'arm64' ? 'aarch64' : 'x64'}-musl-v${Bun.version}`;
  const cache =
    process.env['BUN_INSTALL_CACHE_DIR'] ??
    join(process.env['BUN_INSTALL'] ?? join(homedir(), '.bun'), 'install/cache');
  const path = join(cache, name);
  /* Where Bun itself is this very runtime, it downloads nothing, and setup.sh has compared it. */
  if (!existsSync(path)) return;
  const expected = new RegExp(`^([0-9a-f]{64})  ${name.replaceAll('.', '\\.')}$`, 'm').exec(
    readFileSync(join(root, '.ci/bun.sha256'), 'utf8'),
  )?.[1];
  const found = sha256Of(readFileSync(path));
  if (expected === undefined) throw new LinkError('tool-failed', `.ci/bun.sha256 has no checksum of ${name}`);
  if (found !== expected)
    throw new LinkError(
      'tool-failed',
      `${path}: its SHA-256 is ${found}, expected ${expected}: remove it, and build again`,
    );
}
