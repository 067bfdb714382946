import { join, resolve } from 'node:path';
import { openPostgresStore } from '#adapters/store/postgres/store.ts';
import { openSqliteStore } from '#adapters/store/sqlite/store.ts';
import { show } from '#cli/api-client/client.ts';
import { complain } from '#cli/complain.ts';
import { EXIT } from '#cli/exit-codes.ts';
import { write } from '#cli/terminal.ts';
import { defaultDataDirectory } from '#cli/wiring/data-directory.ts';
import { describeDatabaseFailure } from '#cli/wiring/database-failure.ts';
import { readConfig } from '#cli/wiring/read-config.ts';
import { createToken } from '#control-plane/api/auth.ts';
import { type AdminStore, type AuditEntry, SCOPES, type Scope, type TokenView } from '#domain/admin-store.ts';
import type { ProcessEnv } from '#domain/runtime.ts';

export interface TokenOptions {
  readonly config?: string;
  readonly data?: string;
  readonly format: 'text' | 'json';
}

/** On the database itself, so that the first token needs none: PostgreSQL where one is configured, else that of --standalone. */
export async function withStore(
  options: TokenOptions,
  env: ProcessEnv,
  work: (store: AdminStore, databaseUrl: string | undefined) => Promise<number>,
): Promise<number> {
  const config = await readConfig({ flags: { data_dir: options.data }, env, file: options.config });
  if (!config) return EXIT.configuration;
  const { url } = config.database;
  const path = join(resolve(config.data_dir ?? defaultDataDirectory(env)), 'attune.db');
  let exitCode: number = EXIT.failure;
  const flaw = await describeDatabaseFailure(async () => {
    await using store = url === undefined ? openSqliteStore(path, Date.now) : openPostgresStore(url);
    exitCode = await work(store, url);
  }, url ?? path);
  if (flaw !== undefined) await complain(flaw);
  return exitCode;
}

export async function createApiToken(
  options: TokenOptions & { readonly name: string; readonly scope: readonly string[]; readonly expires?: string },
  env: ProcessEnv,
): Promise<number> {
  const scopes = options.scope.flatMap((one) => one.split(','));
  const unknown = scopes.filter((one) => !isScope(one));
  const days = options.expires === undefined ? undefined : Number(options.expires);
  if (unknown.length > 0 || scopes.length === 0) {
    await complain(`--scope ${unknown.join(',')}: expected one or several of ${SCOPES.join(', ')}`);
    return EXIT.usage;
  }
  if (days !== undefined && !(days > 0 && days <= 36_500)) {
    await complain(`--expires ${options.expires}: expected days, more than 0`);
    return EXIT.usage;
  }
  return await withStore(options, env, async (store) => {
    const expiresAt = days === undefined ? undefined : Date.now() + days * 86_400_000;
    const { secret, token } = createToken(options.name, scopes.filter(isScope), expiresAt);
    const saved = await store.saveToken(token);
    await store.saveAudit([local('token create', `token ${saved.id} (${scopes.join(',')})`)]);
    const text = options.format === 'json' ? JSON.stringify({ ...describe(saved), token: secret }) : secret;
    await write(process.stdout, `${text}\n`);
    return EXIT.success;
  });
}

function isScope(text: string): text is Scope {
  return SCOPES.some((one) => one === text);
}

export async function listApiTokens(options: TokenOptions, env: ProcessEnv): Promise<number> {
  return await withStore(options, env, async (store) => {
    const tokens = (await store.listTokens()).map(describe);
    const rows = tokens.map((one) => [one.id, one.name, one.scopes.join(','), stateOf(one), one.created.slice(0, 10)]);
    await show(options, { tokens }, [['ID', 'NAME', 'SCOPES', 'STATE', 'CREATED'], ...rows]);
    return EXIT.success;
  });
}

export async function revokeApiToken(id: string, options: TokenOptions, env: ProcessEnv): Promise<number> {
  return await withStore(options, env, async (store) => {
    if (/^\d{1,18}$/.test(id) && (await store.revokeToken(id))) {
      await store.saveAudit([local('token revoke', `token ${id}`)]);
      await write(process.stdout, `token ${id} is revoked\n`);
      return EXIT.success;
    }
    await complain(`there is no token ${id} that could be revoked: attune-agent token list`);
    return EXIT.failure;
  });
}

/** By whoever can reach the database itself. */
export function local(action: string, subject: string): AuditEntry {
  return { at: Date.now(), actor: 'local', token: undefined, address: undefined, action, subject, status: 200 };
}

type Described = ReturnType<typeof describe>;

function describe({ id, name, scopes, expiresAt, revokedAt, created }: TokenView) {
  return { id, name, scopes, expires_at: expiresAt ?? null, revoked_at: revokedAt ?? null, created };
}

function stateOf({ expires_at: expires, revoked_at: revoked }: Described): string {
  if (revoked !== null) return 'revoked';
  if (expires === null) return 'valid';
  return Date.parse(expires) < Date.now() ? 'expired' : `until ${expires.slice(0, 10)}`;
}
