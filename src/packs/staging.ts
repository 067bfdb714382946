import { lstatSync, mkdirSync, mkdtempSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { HOUR_MS } from '#domain/durations.ts';

/** Marks of processes, three words with `-` between them. */
export interface ProcessMarks {
  /** The mark of this process; an empty text where processes have no marks. */
  own(): string;
  /** Whether the process of a mark has ended; false where nothing is known of it. */
  hasEnded(mark: string): boolean;
}

/** Nothing is known of any process. */
export const noMarks: ProcessMarks = { own: () => '', hasEnded: () => false };

/** What an installation makes beside the packs; each name goes on with the mark of its process. */
const INCOMING = '.incoming';
const LINK = '.link';
/** No installation takes so long: a body has to come, and to be unpacked, in minutes. */
const LONGEST_MS = HOUR_MS;

/** Makes a directory below `root` into which a pack is unpacked, and removes first what killed installations have left. */
export async function makeStaging(root: string, marks: ProcessMarks): Promise<string> {
  mkdirSync(root, { recursive: true });
  for (const name of readdirSync(root).filter((one) => isLeftover(root, one, marks)))
    await rm(join(root, name), { recursive: true, force: true }).catch(() => undefined); /* the next one tries again */
  return mkdtempSync(join(resolve(root), `${INCOMING}-${marks.own()}-`));
}

/** Where this process makes the link to a version of a pack before it takes its place. */
export function newLinkOf(root: string, ref: string, marks: ProcessMarks): string {
  return join(root, `${LINK}-${marks.own() || process.pid}-${ref}`);
}

/** Whether nobody works on it any more: its process has ended, or it is older than any installation. */
function isLeftover(root: string, name: string, marks: ProcessMarks): boolean {
  if (!name.startsWith(`${INCOMING}-`) && !name.startsWith(`${LINK}-`)) return false;
  const mark = /^\.[a-z]+-([^-]+-[^-]+-[^-]+)-/.exec(name)?.[1];
  if (mark !== undefined && marks.hasEnded(mark)) return true;
  const made = lstatSync(join(root, name), { throwIfNoEntry: false });
  return made !== undefined && Date.now() - made.mtimeMs > LONGEST_MS;
}
