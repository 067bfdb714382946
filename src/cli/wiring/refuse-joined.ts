import { askKind } from '#adapters/store/postgres/ask.ts';
import { describeDatabase } from '#adapters/store/postgres/explain-error.ts';
import { complain } from '#cli/complain.ts';

/**
 * Refuses to be the control plane of a database that has one: complains and resolves with true if it belongs to Attune's
 * Rust control plane. A database that cannot be asked now is not refused.
 */
export async function refuseJoined(url: string, instead: string): Promise<boolean> {
  const found = await askKind(url);
  if (found?.kind !== 'joined') return false;
  await complain(
    `${describeDatabase(url)} is that of Attune's Rust control plane, whose API and executor are the control plane there: ${instead}`,
  );
  return true;
}
