import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export interface TemporaryDirectory extends Disposable {
  readonly path: string;
  /** Writes a file, with its directories, and returns its path. */
  file(name: string, text: string | Uint8Array, mode?: number): string;
  /** An executable shell script. */
  program(name: string, script: string): string;
}

export function temporaryDirectory(): TemporaryDirectory {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'attune-test-')));
  const file = (name: string, text: string | Uint8Array, mode = 0o644): string => {
    const full = join(path, name);
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, text);
    chmodSync(full, mode);
    return full;
  };
  return {
    path,
    file,
    program: (name, script) => file(name, `#!/bin/sh\n${script}\n`, 0o755),
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
}
