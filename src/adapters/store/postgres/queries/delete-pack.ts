import type { Caller } from '#adapters/store/postgres/connect.ts';

/** Forgets a pack in one transaction; the rows of its actions, runtimes and environments go with it. */
export async function deletePack({ sql }: Caller, packRef: string): Promise<boolean> {
  return await sql.begin(async (transaction) => {
    await transaction`
      DELETE FROM key k WHERE (k.owner_type = 'pack' AND COALESCE(k.owner_pack_ref, k.owner) = ${packRef})
        OR (k.owner_type = 'action' AND COALESCE(k.owner_action_ref, k.owner) IN (
          SELECT a.ref FROM action a WHERE a.pack_ref = ${packRef}))`;
    const gone = await transaction`DELETE FROM pack WHERE ref = ${packRef} RETURNING id`;
    return gone.length > 0;
  });
}
