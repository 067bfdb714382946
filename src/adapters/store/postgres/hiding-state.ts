import type { Connected } from './connect.ts';

/** Tells one state of the schemas with secrets, and of the key, from another. */
export async function readDigest({ sql }: Connected, hasKey: boolean): Promise<string> {
  const [row] = await sql<{ digest: string | null }[]>`
    SELECT md5(string_agg(ref || ' ' || md5(param_schema::text), ',' ORDER BY ref)) AS digest
    FROM action WHERE param_schema::text LIKE '%"secret"%'`;
  return `${row?.digest ?? ''} ${hasKey}`;
}
