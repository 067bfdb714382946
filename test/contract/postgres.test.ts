import { openPostgres } from '#store/postgres/connect.ts';
import { migrate } from '#store/postgres/migrate.ts';
import { migrations } from '#store/postgres/migrations.ts';
import { openPostgresStore } from '#store/postgres/store.ts';
import { serversTest, sharedPostgres } from '../support/servers-test.ts';
import { storeContract } from './store-contract.ts';

const server = sharedPostgres();

storeContract(
  (title, body) => serversTest(`PostgreSQL: ${title}`, body),
  async () => {
    const url = await server().createDatabase();
    const sql = openPostgres(url);
    await migrate(sql, migrations);
    await sql.end();
    return openPostgresStore(url);
  },
);
