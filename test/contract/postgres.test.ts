import type { Store } from '#domain/store.ts';
import { createCipher } from '#secrets/cipher.ts';
import { openPostgres } from '#store/postgres/connect.ts';
import { migrate } from '#store/postgres/migrate.ts';
import { migrations } from '#store/postgres/migrations.ts';
import { openPostgresStore } from '#store/postgres/store.ts';
import { serversTest, sharedPostgres } from '../support/servers-test.ts';
import { controlPlaneContract } from './control-plane-contract.ts';
import { ledgerContract } from './ledger-contract.ts';
import { ledgerWorld } from './samples.ts';
import { storeContract } from './store-contract.ts';

const server = sharedPostgres();

const titled: Parameters<typeof storeContract>[0] = (title, body) => serversTest(`PostgreSQL: ${title}`, body);

async function open(): Promise<Store> {
  const url = await server().createDatabase();
  const sql = openPostgres(url);
  await migrate(sql, migrations);
  await sql.end();
  return openPostgresStore(url, { cipher: createCipher('a secret for tests') });
}

storeContract(titled, open);
controlPlaneContract(titled, open);
ledgerContract(titled, ledgerWorld(open));
