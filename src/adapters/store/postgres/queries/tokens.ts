import type { Caller, Connected } from '#adapters/store/postgres/connect.ts';
import { CLAIMED } from '#adapters/store/status-lists.ts';
import { readToken, type TokenRow } from '#adapters/store/token-row.ts';
import type { NewToken, TokenHolder, TokenView } from '#domain/admin-store.ts';

export async function saveToken(
  { sql }: Connected,
  { name, hash, scopes, expiresAt, confinedTo }: NewToken,
): Promise<TokenView | undefined> {
  const expiry = expiresAt === undefined ? null : new Date(expiresAt);
  const [row] = await sql<TokenRow[]>`
    INSERT INTO api_token (name, hash, scopes, expires_at, confined_to)
    VALUES (${name}, ${hash}, ARRAY(SELECT json_array_elements_text(${JSON.stringify(scopes)}::text::json)), ${expiry},
      ${confinedTo ? JSON.stringify(confinedTo) : null}::text::jsonb)
    ON CONFLICT (name) WHERE revoked_at IS NULL DO NOTHING
    RETURNING id, name, to_jsonb(scopes) AS scopes, expires_at, revoked_at, last_used_at, created, confined_to`;
  return row && readToken(row);
}

export async function saveFirstToken({ sql }: Caller, token: NewToken): Promise<TokenView | undefined> {
  return await sql.begin(async (transaction) => {
    await transaction`LOCK TABLE api_token IN EXCLUSIVE MODE`;
    const [any] = await transaction`SELECT FROM api_token LIMIT 1`;
    return any ? undefined : await saveToken({ sql: transaction }, token);
  });
}

export async function listTokens({ sql }: Caller): Promise<readonly TokenView[]> {
  const rows = await sql<TokenRow[]>`
    SELECT id, name, to_jsonb(scopes) AS scopes, expires_at, revoked_at, last_used_at, created, confined_to
    FROM api_token ORDER BY id`;
  return rows.map(readToken);
}

/** Finds the holder of a token by its hash, among the tokens of the API and those of executions that run. */
export async function findToken({ sql }: Caller, hash: string): Promise<TokenHolder | undefined> {
  const [row] = await sql<
    (Omit<TokenHolder, 'id' | 'confinedTo'> & Pick<TokenRow, 'confined_to'> & { readonly id: string | null })[]
  >`
    SELECT id, name, to_jsonb(scopes) AS scopes, confined_to FROM api_token
    WHERE hash = ${hash} AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
    UNION ALL
    SELECT NULL, 'execution ' || e.id, to_jsonb(a.api_scopes), NULL::jsonb
    FROM execution_claim c JOIN execution e ON e.id = c.execution JOIN action a ON a.id = e.action
    WHERE c.token_hash = ${hash} AND e.status IN ${sql.unsafe(CLAIMED)} AND c.lease_expires_at > now()`;
  if (!row) return undefined;
  return { id: row.id ?? undefined, name: row.name, scopes: row.scopes, confinedTo: row.confined_to ?? undefined };
}

export async function validTokens({ sql }: Caller, hashes: readonly string[]): Promise<readonly string[]> {
  const given = sql`SELECT json_array_elements_text(${JSON.stringify(hashes)}::text::json)`;
  const rows = await sql<{ readonly hash: string }[]>`
    SELECT hash FROM api_token
    WHERE hash = ANY(ARRAY(${given})) AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
    UNION ALL
    SELECT c.token_hash FROM execution_claim c JOIN execution e ON e.id = c.execution
    WHERE c.token_hash = ANY(ARRAY(${given})) AND e.status IN ${sql.unsafe(CLAIMED)} AND c.lease_expires_at > now()`;
  return rows.map(({ hash }) => hash);
}

export async function noteTokens({ sql }: Caller, ids: readonly string[]): Promise<void> {
  await sql`
    UPDATE api_token SET last_used_at = now()
    WHERE id = ANY(ARRAY(SELECT json_array_elements_text(${JSON.stringify(ids)}::text::json)::bigint))`;
}

export async function revokeToken({ sql }: Caller, id: string): Promise<boolean> {
  const rows = await sql`
    UPDATE api_token SET revoked_at = now() WHERE id = ${id} AND revoked_at IS NULL RETURNING id`;
  return rows.length > 0;
}
