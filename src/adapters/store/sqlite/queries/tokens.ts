import { parsed } from '#adapters/store/json.ts';
import type { Sqlite } from '#adapters/store/sqlite/open.ts';
import { CLAIMED } from '#adapters/store/status-lists.ts';
import { readToken, type TokenRow } from '#adapters/store/token-row.ts';
import type { NewToken, TokenHolder, TokenView } from '#domain/admin-store.ts';

type Confined = { readonly confined_to: string | null };
type Row = Omit<TokenRow, 'scopes' | 'confined_to'> & Confined & { readonly scopes: string };

export function saveToken(
  { database, now }: Sqlite,
  { name, hash, scopes, expiresAt, confinedTo }: NewToken,
): TokenView | undefined {
  const row = database
    .query<Row, (string | number | null)[]>(
      `INSERT INTO api_token (name, hash, scopes, expires_at, created, confined_to) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (name) WHERE revoked_at IS NULL DO NOTHING RETURNING *`,
    )
    .get(name, hash, JSON.stringify(scopes), expiresAt ?? null, now(), confinedTo ? JSON.stringify(confinedTo) : null);
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
    .query<Confined & { id: number | null; name: string; scopes: string }, [string, number]>(`
      SELECT id, name, scopes, confined_to FROM api_token
      WHERE hash = ?1 AND revoked_at IS NULL AND COALESCE(expires_at > ?2, true)
      UNION ALL
      SELECT NULL, 'execution ' || e.id, a.api_scopes, NULL
      FROM execution_claim c JOIN execution e ON e.id = c.execution JOIN action a ON a.id = e.action
      WHERE c.token_hash = ?1 AND e.status IN ${CLAIMED} AND c.lease_expires_at > ?2`)
    .get(hash, now());
  if (!row) return undefined;
  return {
    id: row.id?.toString(),
    name: row.name,
    scopes: parsed(row.scopes) as TokenHolder['scopes'],
    confinedTo: confinementOf(row) ?? undefined,
  };
}

export function validTokens({ database, now }: Sqlite, hashes: readonly string[]): readonly string[] {
  return database
    .query<{ hash: string }, [string, number]>(`
      SELECT hash FROM api_token
      WHERE hash IN (SELECT value FROM json_each(?1)) AND revoked_at IS NULL AND COALESCE(expires_at > ?2, true)
      UNION ALL
      SELECT c.token_hash FROM execution_claim c JOIN execution e ON e.id = c.execution
      WHERE c.token_hash IN (SELECT value FROM json_each(?1)) AND e.status IN ${CLAIMED} AND c.lease_expires_at > ?2`)
    .all(JSON.stringify(hashes), now())
    .map(({ hash }) => hash);
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
  return readToken({ ...row, scopes: parsed(row.scopes) as TokenView['scopes'], confined_to: confinementOf(row) });
}

function confinementOf({ confined_to: confinedTo }: Confined): TokenRow['confined_to'] {
  return parsed(confinedTo) as TokenRow['confined_to'];
}
