import { openUnnamed } from '#adapters/store/postgres/connect.ts';
import { explainDatabaseError } from '#adapters/store/postgres/explain-error.ts';
import { functions } from '#adapters/store/postgres/functions.ts';
import { grantRoles, type Migrated, migrate as migrateDatabase } from '#adapters/store/postgres/migrate.ts';
import { migrations } from '#adapters/store/postgres/migrations.ts';
import { openPostgresStore } from '#adapters/store/postgres/store.ts';
import { complain } from '#cli/complain.ts';
import { EXIT } from '#cli/exit-codes.ts';
import { configOption, formatOption } from '#cli/options.ts';
import { withProgress, write } from '#cli/terminal.ts';
import { defineVerb } from '#cli/verb.ts';
import { VERSION } from '#cli/version.ts';
import { createFirstToken } from '#cli/wiring/first-token.ts';
import { NO_DATABASE, readConfigHere } from '#cli/wiring/read-config.ts';
import { runtimeTemplates } from '#execution/environments/execution-config.ts';

export const verb = defineVerb({
  details:
    'It works on the PostgreSQL of database.url, and is safe when several run at once. It makes the roles attune_worker, attune_server and attune_readonly, and prints the first API token, an admin token, once.',
  arguments: {},
  options: { config: configOption(), format: formatOption('text', 'json') },
  settings: ['database'],
  examples: [['attune-agent migrate', 'Migrates the database of ATTUNE__DATABASE__URL']],
  action: async (_, { format }, { sources }) => {
    const config = await readConfigHere(sources);
    if (!config) return EXIT.configuration;
    const { url } = config.database;
    if (url === undefined) {
      await complain(NO_DATABASE);
      return EXIT.configuration;
    }
    const sql = openUnnamed(url);
    try {
      const schema = { migrations, functions, version: VERSION };
      const migrated = await withProgress('Migrating', migrateDatabase(sql, schema));
      const problems = await grantRoles(sql);
      await using store = openPostgresStore(url);
      await store.saveRuntimes(runtimeTemplates());
      const token = await createFirstToken(store);
      const words = token === undefined ? '' : `token ${token} (admin; shown this once)\n`;
      await complainOfRoles(problems);
      const answer = { applied: migrated.migrations, functions: migrated.functions, problems, token };
      await write(process.stdout, format === 'json' ? `${JSON.stringify(answer)}\n` : describe(migrated) + words);
      return EXIT.success;
    } catch (error) {
      await complain(explainDatabaseError(error, url));
      return EXIT.failure;
    } finally {
      await sql.end({ timeout: 5 });
    }
  },
});

function describe({ migrations: applied, functions: changed }: Migrated): string {
  const lines = applied.map((one) => `applied ${one.number} ${one.name} in ${Math.round(one.durationMs)} ms\n`);
  if (changed.kind === 'newer')
    lines.push(`attune-agent ${changed.version} has applied newer SQL functions: they stay as they are\n`);
  else {
    if (changed.applied.length > 0) lines.push(`applied ${changed.applied.length} SQL functions\n`);
    if (changed.dropped.length > 0) lines.push(`dropped ${changed.dropped.length} SQL functions\n`);
  }
  return lines.length > 0 ? lines.join('') : `up to date, at migration ${migrations.at(-1)?.number ?? 0}\n`;
}

/**
 * Prints what is wrong with the roles. That is no failure: without them, everything works for logins that may do
 * everything.
 */
async function complainOfRoles(problems: readonly string[]): Promise<void> {
  if (problems.length === 0) return;
  await complain(
    `the roles attune_worker, attune_server and attune_readonly are not complete, so no worker can be restricted to its own rows: ${problems.join('; ')}. A login with CREATEROLE that owns the tables can do it: run attune-agent migrate as that`,
  );
}
