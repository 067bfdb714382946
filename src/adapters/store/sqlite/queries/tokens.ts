import { parsed } from '#adapters/store/json.ts';
import type { Sqlite } from '#adapters/store/sqlite/open.ts';
import { CLAIMED } from '#adapters/store/status-lists.ts';
import { readToken, type TokenRow } from '#adapters/store/token-row.ts';
import type { NewToken, TokenHolder, TokenView } from '#domain/admin-store.ts';

type Row = Omit<TokenRow, 'scopes'> & { readonly scopes: string };

export function saveToken(
  { database, now }: Sqlite,
  { name, hash, scopes, expiresAt }: NewToken,
): TokenView | undefined {
  const row = database
    .query<Row, [string, string, string, number | null, number]>(
      `INSERT INTO api_token (name, hash, scopes, expires_at, created) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (name) WHERE revoked_at IS NULL DO NOTHING RETURNING *`,
    )
    .get(name, hash, JSON.stringify(scopes), expiresAt ?? null, now());
  return row ? view(row) : undefined;
}

export function saveFirstToken(sqlite: Sqlite, token: NewToken): TokenView | undefined {
  return sqlite.database.query('SELECT 1 FROM api_token LIMIT 1').get() ? undefined : saveToken(sqlite, token);
}

export function listTokens({ database }: Sqlite): readonly TokenView[] {
  return database.query<Row, []>('SELECT * FROM api_token ORDER BY id').all().map(view);
}

export function findToken({ database, now }: Sqlite, hash: string): TokenHolder | undefined {
  const row = database
    .query<{ id: number | null; name: string; scopes: string }, [string, number]>(`
      SELECT id, name, scopes FROM api_token WHERE hash = ?1 AND revoked_at IS NULL AND COALESCE(expires_at > ?2, true)
      UNION ALL
      SELECT NULL, 'execution ' || e.id, a.api_scopes
      FROM execution_claim c JOIN execution e ON e.id = c.execution JOIN action a ON a.id = e.action
      WHERE c.token_hash = ?1 AND e.status IN ${CLAIMED} AND c.lease_expires_at > ?2`)
    .get(hash, now());
  if (!row) return undefined;
  return { id: row.id?.toString(), name: row.name, scopes: parsed(row.scopes) as TokenHolder['scopes'] };
}

export function noteTokens({ database, now }: Sqlite, ids: readonly string[]): void {
  const note = database.query('UPDATE api_token SET last_used_at = ? WHERE id = ?');
  for (const id of ids) note.run(now(), id);
}

export function revokeToken({ database, now }: Sqlite, id: string): boolean {
  return (
    database.query('UPDATE api_token SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL').run(now(), id).changes > 0
  );
}

function view(row: Row): TokenView {
  return readToken({ ...row, scopes: parsed(row.scopes) as TokenView['scopes'] });
}
