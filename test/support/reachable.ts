import {
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const OTHERS_MAY_ENTER = 0o001;

/**
 * The directory of built files, or a copy of it where root works in a directory that others may not enter, such as /root:
 * tests run the file as other users too.
 */
export function reachable(directory: string): string {
  if (process.getuid?.() !== 0 || isOpenToOthers(directory)) return directory;
  const files = readdirSync(directory).filter((name) => name.startsWith('attune-agent-'));
  const facts = files.map((name) => [name, statSync(join(directory, name)).mtimeMs]);
  const hash = Bun.hash(JSON.stringify([directory, facts])).toString(36);
  const copy = join(tmpdir(), `tested-${hash}`);
  if (existsSync(copy)) {
    if (lstatSync(copy).uid === 0) return copy;
    throw new Error(`${copy} belongs to somebody else: remove it`);
  }
  const unfinished = `${copy}.${process.pid}`;
  mkdirSync(unfinished, { mode: 0o755 });
  for (const name of files) copyFileSync(join(directory, name), join(unfinished, name));
  chmodSync(unfinished, 0o755);
  try {
    renameSync(unfinished, copy);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    if (!existsSync(copy)) throw error; /* another process was faster */
  }
  return copy;
}

function isOpenToOthers(directory: string): boolean {
  if ((statSync(directory).mode & OTHERS_MAY_ENTER) === 0) return false;
  const parent = dirname(directory);
  return parent === directory || isOpenToOthers(parent);
}
