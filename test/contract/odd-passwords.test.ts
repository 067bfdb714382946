/** Users and passwords of every character that a keyboard has, at real servers; and none of it in an error. */
import { expect } from 'bun:test';
import { createHash } from 'node:crypto';
import postgres from 'postgres';
import { askAmqp } from '#adapters/broker/amqp/ask.ts';
import { openUnnamed } from '#adapters/store/postgres/connect.ts';
import { explainDatabaseError } from '#adapters/store/postgres/explain-error.ts';
import { scramVerifier } from '#crypto/scram.ts';
import { startRabbit } from '#test/support/rabbitmq.ts';
import { serversTest, sharedPostgres } from '#test/support/servers-test.ts';

const server = sharedPostgres();
const printable = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).join('');
const passwords = [printable, 'ä漢😀', '%41%zz', 'p@ss:w/o?r#d[1]', ' a ', '\'"\\$`'];
/** SCRAM makes other characters of some of them, unless it refuses the whole. */
const prepared = ['a\u00a0b', 'I\u00adX\u2163', 'ﬁ²a\u0308', '😀²', '\u00ad', 'aא²'];
const user = 'o@d:d/u?s#e%r';

/** Changes user and password of a URL as people are told to write them. */
function withLogin(url: string, name: string, password: string): string {
  return url.replace(/\/\/([^@/]*@)?/, () => `//${encodeURIComponent(name)}:${encodeURIComponent(password)}@`);
}

function expectNothingOf(password: string, message: string): void {
  for (let at = 0; at + 4 <= password.length; at++) expect(message).not.toContain(password.slice(at, at + 4));
}

serversTest('PostgreSQL takes them, and refuses wrong ones without showing them', async () => {
  const url = await server().createDatabase();
  const administrator = postgres(url, { max: 1, onnotice: () => {} });
  const [place] = await administrator<{ hba_file: string }[]>`SHOW hba_file`;
  const lines = ['local all all trust', `host all "${user}" all scram-sha-256`, 'host all all all trust'];
  const rows = lines.map((line) => `('${line}')`).join(', ');
  await administrator.unsafe(`COPY (SELECT * FROM (VALUES ${rows}) AS lines) TO '${place?.hba_file}'`);
  await administrator.unsafe('SELECT pg_reload_conf()');
  await administrator.unsafe(`CREATE ROLE "${user}" LOGIN`);
  for (const password of [...passwords, ...prepared]) {
    for (const kept of [await scramVerifier(password), password]) {
      await administrator.unsafe(`ALTER ROLE "${user}" PASSWORD '${kept.replaceAll("'", "''")}'`);
      const sql = await openUnnamed(withLogin(url, user, password));
      expect(await sql`SELECT current_user::text AS name`).toMatchObject([{ name: user }]);
      await sql.end();
    }
    const wrong = withLogin(url, user, `x${password}`);
    const refused = await openUnnamed(wrong);
    const message = await refused`SELECT 1`.then(String, (error: unknown) => explainDatabaseError(error, wrong));
    expect(message).toContain('user or password are wrong');
    expectNothingOf(password, message);
    await refused.end();
  }
  await administrator.end();
});

serversTest('RabbitMQ takes them, and refuses wrong ones without showing them', async () => {
  const salt = Buffer.from('salt');
  const hashOf = (password: string): string =>
    Buffer.concat([salt, createHash('sha256').update(salt).update(password).digest()]).toString('base64');
  const users = [['guest', 'guest'], ...passwords.map((password, index) => [`${user}${index}`, password])];
  const definitions = {
    users: users.map(([name, password = '']) => ({ name, password_hash: hashOf(password), tags: [] })),
    vhosts: [{ name: '/' }],
    permissions: users.map(([name]) => ({ user: name, vhost: '/', configure: '.*', write: '.*', read: '.*' })),
  };
  await using rabbit = await startRabbit({
    files: { 'definitions.json': JSON.stringify(definitions) },
    config: (at) => `load_definitions = ${at}/definitions.json\n`,
  });
  if (rabbit.power === undefined) return; /* a server that was given has its own users */
  for (const [index, password] of passwords.entries()) {
    await askAmqp(withLogin(rabbit.url, `${user}${index}`, password));
    const message = await askAmqp(withLogin(rabbit.url, `${user}${index}`, `x${password}`)).then(String, String);
    expect(message).toContain('broker 127.0.0.1');
    expectNothingOf(password, message);
  }
});
