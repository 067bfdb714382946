import { openUnnamed, type Sql } from '#adapters/store/postgres/connect.ts';
import { explainDatabaseError } from '#adapters/store/postgres/explain-error.ts';
import { complain } from '#cli/complain.ts';
import { EXIT } from '#cli/exit-codes.ts';
import { answerFormatOption, configOption } from '#cli/options.ts';
import { flag } from '#cli/parameter.ts';
import { withProgress, write } from '#cli/terminal.ts';
import { defineVerb } from '#cli/verb.ts';
import { ciphersOf } from '#cli/wiring/ciphers-of.ts';
import { describeFilled, fillDatabase } from '#cli/wiring/fill-database.ts';
import {
  announceMigration,
  carryOut,
  describeMigration,
  describePlan,
  type PlannedMigration,
  planFor,
} from '#cli/wiring/migrate-database.ts';
import { NO_DATABASE, readConfigHere } from '#cli/wiring/read-config.ts';
import { describeRemoved, removeFrom } from '#cli/wiring/remove-agent.ts';
import { writeAnswer } from '#cli/wiring/write-answer.ts';
import type { Ciphers } from '#domain/cipher.ts';

export const verb = defineVerb({
  details:
    "It works on the PostgreSQL of database.url, and is safe when several run at once. In a database of its own it makes the roles attune_worker, attune_server and attune_readonly, and prints the first API token, an admin token, once. In a database of Attune's Rust control plane it adds what a worker needs there, under names that begin with agent_, and changes nothing else.",
  arguments: {},
  options: {
    dryRun: flag('--dry-run', 'Prints whose database it is and what would be added, and changes nothing'),
    remove: flag('--remove', "Takes attune-agent out of a database of Attune's Rust control plane again"),
    encryptAgain: flag(
      '--encrypt-again',
      'Also encrypts again what versions up to 0.1 have stored; workers of those versions cannot read it any more',
    ),
    force: flag('--force', 'With --remove: also while its workers are alive, or messages wait to be published'),
    config: configOption(),
    format: answerFormatOption(),
  },
  settings: ['database', 'security'],
  examples: [
    ['attune-agent migrate', 'Migrates the database of ATTUNE__DATABASE__URL'],
    ['attune-agent migrate --dry-run', 'Shows what that would do'],
  ],
  action: async (_, { format, dryRun, remove, force, encryptAgain }, { sources }) => {
    const config = await readConfigHere(sources);
    if (!config) return EXIT.configuration;
    const { url } = config.database;
    if (url === undefined) {
      await complain(NO_DATABASE);
      return EXIT.configuration;
    }
    const ciphers = ciphersOf(config);
    const misuse = misuseOf({ dryRun, remove, force, encryptAgain }, ciphers !== undefined);
    if (misuse !== undefined) {
      await complain(misuse);
      return EXIT.usage;
    }
    const sql = await openUnnamed(url).catch(
      async (error: unknown) => await complain(explainDatabaseError(error, url)),
    );
    if (!sql) return EXIT.failure;
    const print: Print = async (text, answer) => await writeAnswer(format, answer, text);
    try {
      if (remove) return await removeWith(sql, force === true, print);
      const opened = { sql, url, print, isText: format === 'text', ciphers: encryptAgain ? ciphers : undefined };
      return await migrateWith(opened, dryRun === true);
    } catch (error) {
      await complain(explainDatabaseError(error, url));
      return EXIT.failure;
    } finally {
      await sql.end({ timeout: 5 });
    }
  },
});

type Flag = true | undefined;

interface Flags {
  readonly dryRun?: Flag;
  readonly remove?: Flag;
  readonly force?: Flag;
  readonly encryptAgain?: Flag;
}

/** Says which of the options do not belong together; undefined if they do. */
function misuseOf({ dryRun, remove, force, encryptAgain }: Flags, hasKey: boolean): string | undefined {
  if (encryptAgain && (dryRun || remove)) return '--encrypt-again goes with neither --dry-run nor --remove';
  if (encryptAgain && !hasKey)
    return '--encrypt-again needs the key of the server: set ATTUNE__SECURITY__ENCRYPTION_KEY';
  if (dryRun && remove) return '--dry-run shows what migrate would add: it does not go with --remove';
  return force && !remove ? '--force goes with --remove alone' : undefined;
}

/** Prints a text for people, or an answer for programs. */
type Print = (text: string, answer: object) => Promise<void>;

interface Opened {
  readonly sql: Sql;
  readonly url: string;
  readonly print: Print;
  readonly isText: boolean;
  /** With which values are encrypted again; undefined: they stay. */
  readonly ciphers: Ciphers | undefined;
}

async function migrateWith({ sql, url, print, isText, ciphers }: Opened, isDry: boolean): Promise<number> {
  const planned = await planFor(sql);
  if (!planned.ok) {
    await complain(planned.error);
    return EXIT.failure;
  }
  const { found, migrations, tables, functions, indexes, roles } = planned.value;
  const { kind, schema } = found;
  if (isDry) {
    await print(describePlan(planned.value), { kind, schema, migrations, tables, functions, indexes, roles });
    return EXIT.success;
  }
  if (isText) await write(process.stdout, announceMigration(planned.value));
  const done = await withProgress('Migrating', carryOut(sql, planned.value));
  const filled = kind === 'own' ? await fillDatabase(url, ciphers) : undefined;
  await complainOfRoles(done.problems, planned.value);
  await complainOfDisk(done.openWays);
  const { migrations: applied, problems } = done;
  await print(describeMigration(planned.value, done) + (filled ? describeFilled(filled) : ''), {
    ...{
      kind,
      schema,
      applied,
      functions: done.functions,
      indexes: done.indexes,
      problems,
      for_superuser: done.openWays,
    },
    ...{ token: filled?.token, encrypted_again: filled?.again },
  });
  return EXIT.success;
}

async function removeWith(sql: Sql, isForced: boolean, print: Print): Promise<number> {
  const removed = await removeFrom(sql, isForced);
  if (!removed.ok) {
    await complain(removed.error);
    return EXIT.failure;
  }
  await print(describeRemoved(removed.value), { removed: removed.value });
  return EXIT.success;
}

/** Prints what this login may not do, or should not, where others use the database too. */
async function complainOfDisk(statements: readonly string[]): Promise<void> {
  if (statements.length === 0) return;
  const lines = statements.map((one) => `  ${one};`).join('\n');
  await complain(
    `any login of PostgreSQL can fill the disk of this server, until a superuser runs in this database:\n${lines}`,
  );
}

/**
 * Prints what is wrong with the roles. That is no failure: without them, everything works for logins that may do
 * everything.
 */
async function complainOfRoles(problems: readonly string[], { found }: PlannedMigration): Promise<void> {
  if (problems.length === 0) return;
  const what =
    found.kind === 'joined'
      ? 'the role attune_worker is not complete'
      : 'the roles attune_worker, attune_server and attune_readonly are not complete';
  await complain(
    `${what}, so no worker can be restricted to its own rows: ${problems.join('; ')}. A login with CREATEROLE that owns the tables can do it: run attune-agent migrate as that`,
  );
}
