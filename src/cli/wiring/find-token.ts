import type { AdminStore, TokenView } from '#domain/admin-store.ts';
import { nearest } from '#domain/nearest.ts';
import { failure, type Result, success } from '#domain/result.ts';

/** Finds a token by its id, or by its name among those that are not revoked. */
export async function findToken(store: AdminStore, which: string): Promise<Result<TokenView, string>> {
  const tokens = await store.listTokens();
  const valid = tokens.filter((one) => one.revokedAt === undefined);
  const found = tokens.find(({ id }) => id === which) ?? valid.find(({ name }) => name === which);
  if (found) return success(found);
  const near = nearest(
    which,
    valid.map(({ name }) => name),
  );
  const hint = near === undefined ? ': attune-agent token list shows them' : `, did you mean '${near}'?`;
  return failure(`there is no token '${which}'${hint}`);
}
