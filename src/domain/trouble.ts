import { codeOf } from './errors.ts';

/** The words for what keeps an agent from working; health, /readyz and the metrics share them. */
export const TROUBLE_WORDS = [
  'database',
  'server',
  'broker',
  'alarm',
  'full',
  'quota',
  'inodes',
  'read-only',
  'missing',
  'forbidden',
  'failing',
  'cordoned',
  'draining',
] as const;
export type TroubleWord = (typeof TROUBLE_WORDS)[number];

/** What keeps an agent from working, or makes it work worse: one word, and a sentence that says why. */
export interface Trouble {
  readonly word: TroubleWord;
  readonly why: string;
}

/** The codes of the system for a place that cannot be written to; somebody may mend each of them. */
const words: Readonly<Record<string, TroubleWord>> = {
  ENOSPC: 'full',
  EDQUOT: 'quota',
  EROFS: 'read-only',
  ENOENT: 'missing',
  ENOTDIR: 'missing',
  EACCES: 'forbidden',
  EPERM: 'forbidden',
  EIO: 'failing',
  ENODEV: 'failing',
  ENXIO: 'failing',
  ENOTCONN: 'failing',
  ESTALE: 'failing',
  ETIMEDOUT: 'failing',
};

/** The word for a place that could not be written to; undefined if the error says nothing about a place. */
export function wordOfPlaceError(error: unknown): TroubleWord | undefined {
  return words[codeOf(error) ?? ''];
}
