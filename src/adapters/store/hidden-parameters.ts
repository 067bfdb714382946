import type { HideParameters } from '#domain/admin-store.ts';
import type { Cipher } from '#domain/cipher.ts';
import { executionId } from '#domain/ids.ts';
import { isRecord } from '#domain/record.ts';
import { type EncryptedParameters, encryptParameters } from './secret-parameters.ts';

/** Executions that one step looks at, and characters of parameters and schemas that it reads of them. */
export const HIDE_AT_ONCE = 500;
export const MOST_HIDDEN_CHARACTERS = 256 * 1024;

/** Where the search has come, as text: the executions up to `after` are done, as their actions were when it began. */
interface HidingState {
  /** Tells one state of the actions, and of the key, from another. */
  readonly digest: string;
  readonly after: number;
  /** The first execution that could not be done yet. */
  readonly left: number | null;
}

/** Reads where the search has come. Other actions, or a key where there was none, begin it anew. */
export function readHidingState(text: string, digest: string): HidingState {
  const found: unknown = text === '' ? undefined : JSON.parse(text);
  const isSame = isRecord(found) && found['digest'] === digest;
  return isSame ? (found as unknown as HidingState) : { digest, after: 0, left: null }; /* only we write there */
}

/** What one step of a search has done. */
export interface HidingStep {
  /** The number of rows that were changed. */
  readonly hidden: number;
  /** The id of the last row that was looked at; undefined: none is left. */
  readonly last: number | undefined;
  /** The id of the first row that could not be done yet. */
  readonly left: number | null;
}

/** Writes where the search has come by a step. At its end, `last` is undefined, and it goes back to what was left. */
export function writeHidingState(state: HidingState, { last, left }: Pick<HidingStep, 'last' | 'left'>): string {
  const next = { ...state, after: last ?? state.after, left: state.left ?? left };
  const isBack = last === undefined && next.left !== null;
  return JSON.stringify(isBack ? { ...next, after: (next.left ?? 0) - 1, left: null } : next);
}

/** An execution whose parameters may have to be hidden. */
export interface OpenRow {
  readonly id: string | number;
  readonly config: unknown;
  /* SQLite has numbers for them. */
  readonly has_ended: boolean | number;
  readonly is_gone: boolean | number;
  readonly is_encrypted: boolean | number;
  readonly schema: unknown;
}

/** What an execution has from now on; `encrypted`: null where that stays as it is. */
interface HiddenRow {
  readonly id: number;
  readonly config: unknown;
  readonly encrypted: EncryptedParameters | null;
}

/**
 * Hides the parameters of executions: encrypted with the key, else masked alone. Without a key only what has ended, and
 * whose action can say what is secret, is masked, since that cannot be undone; `left` is the first that has not ended.
 */
export function hideRows(
  rows: readonly OpenRow[],
  hide: HideParameters,
  cipher: Cipher | undefined,
): { readonly hidden: readonly HiddenRow[]; readonly left: number | null } {
  const changed = rows.flatMap((row) => {
    const { config, schema } = row;
    const isGone = Boolean(row.is_gone);
    if (!isRecord(config) || (cipher === undefined && isGone)) return [];
    const shown = hide({ parameters: config, parameterSchema: schema ?? undefined, isActionGone: isGone });
    return JSON.stringify(shown) === JSON.stringify(config) ? [] : [{ row, config, shown }];
  });
  const mayChange = ({ row }: { readonly row: OpenRow }): boolean =>
    cipher !== undefined || Boolean(row.has_ended) || Boolean(row.is_encrypted);
  const first = changed.find((one) => !mayChange(one));
  return {
    hidden: changed.filter(mayChange).map(({ row: { id, is_encrypted }, config, shown }) => {
      const isNew = cipher !== undefined && !is_encrypted;
      const encrypted = isNew ? encryptParameters({ unmasked: config }, executionId(id), cipher) : undefined;
      return { id: Number(id), config: shown, encrypted: encrypted ?? null };
    }),
    left: first === undefined ? null : Number(first.row.id),
  };
}
