import type { NewToken, TokenView } from '#domain/admin-store.ts';
import { parsed } from '#store/json.ts';
import type { Sqlite } from '#store/sqlite/open.ts';
import { readToken, type TokenRow } from '#store/token-row.ts';

type Row = Omit<TokenRow, 'scopes'> & { readonly scopes: string };

export function saveToken({ database, now }: Sqlite, { name, hash, scopes, expiresAt }: NewToken): TokenView {
  const row = database
    .query<Row, [string, string, string, number | null, number]>(
      'INSERT INTO api_token (name, hash, scopes, expires_at, created) VALUES (?, ?, ?, ?, ?) RETURNING *',
    )
    .get(name, hash, JSON.stringify(scopes), expiresAt ?? null, now());
  if (!row) throw new Error('the token was not stored');
  return view(row);
}

export function saveFirstToken(sqlite: Sqlite, token: NewToken): TokenView | undefined {
  return sqlite.database.query('SELECT 1 FROM api_token LIMIT 1').get() ? undefined : saveToken(sqlite, token);
}

export function listTokens({ database }: Sqlite): readonly TokenView[] {
  return database.query<Row, []>('SELECT * FROM api_token ORDER BY id').all().map(view);
}

export function findToken({ database, now }: Sqlite, hash: string): TokenView | undefined {
  const row = database
    .query<Row, [string, number]>(
      'SELECT * FROM api_token WHERE hash = ? AND revoked_at IS NULL AND COALESCE(expires_at > ?, true)',
    )
    .get(hash, now());
  return row ? view(row) : undefined;
}

export function revokeToken({ database, now }: Sqlite, id: string): boolean {
  return (
    database.query('UPDATE api_token SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL').run(now(), id).changes > 0
  );
}

function view(row: Row): TokenView {
  return readToken({ ...row, scopes: parsed(row.scopes) as TokenView['scopes'] });
}
