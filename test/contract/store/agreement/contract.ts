/**
 * Where two adapters once answered differently: each test names one such difference. Some need a row that only another
 * control plane would write, so they get a way around the store into its database.
 */
import { action, pack } from '#test/contract/samples.ts';
import type { StoreContract } from '#test/contract/store/fixtures.ts';
import type { OpenedDatabase } from '#test/contract/store/transitions.ts';
import type { AgreementContract } from './agreement.ts';
import { claimsAgreement } from './claims.ts';
import { keysAgreement } from './keys.ts';
import { listsAgreement } from './lists.ts';
import { ownersAgreement } from './owners.ts';
import { recoveryAgreement } from './recovery.ts';
import { runtimesAgreement } from './runtimes.ts';
import { settleAgreement } from './settle.ts';

const actions = [action('echo'), action('other'), action('asking', { apiScopes: ['read'] })];

export function agreementContract(test: StoreContract['test'], open: () => Promise<OpenedDatabase>): void {
  const openWithPack = async (): Promise<OpenedDatabase> => {
    const opened = await open();
    await opened.store.savePack({ pack, runtimes: [], actions });
    await opened.store.publishEvents(true);
    return opened;
  };
  const contract: AgreementContract = { test, open: openWithPack };
  for (const declare of [
    claimsAgreement,
    keysAgreement,
    listsAgreement,
    ownersAgreement,
    recoveryAgreement,
    runtimesAgreement,
    settleAgreement,
  ])
    declare(contract);
}
