import type { StoreContract } from '#test/contract/store/fixtures.ts';
import type { OpenedDatabase } from '#test/contract/store/transitions.ts';

/** What a test of this folder needs: the store with the sample pack, and SQL for what no store writes. */
export interface AgreementContract {
  test: StoreContract['test'];
  open(): Promise<OpenedDatabase>;
}
