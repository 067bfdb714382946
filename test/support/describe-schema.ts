import type postgres from 'postgres';

/**
 * All that a schema is made of, in an order of its own: columns, constraints, indexes, triggers, functions, each with its
 * owner and its grants. Two databases are the same when these lines are.
 */
export async function describeSchema(sql: postgres.Sql): Promise<readonly string[]> {
  const rows = await sql<{ line: string }[]>`
    SELECT line FROM (
      SELECT format('table %s %s %s %s', c.relname, c.relkind, c.relowner::regrole, COALESCE(ARRAY(SELECT unnest(c.relacl)::text ORDER BY 1), '{}')::text) AS line
      FROM pg_class c WHERE c.relnamespace = 'attune'::regnamespace
      UNION ALL
      SELECT format('column %s.%s %s %s %s %s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
        a.attidentity, pg_get_expr(d.adbin, d.adrelid)) || COALESCE(ARRAY(SELECT unnest(a.attacl)::text ORDER BY 1), '{}')::text
      FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
      LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
      WHERE c.relnamespace = 'attune'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped
      UNION ALL
      SELECT format('constraint %s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
      FROM pg_constraint WHERE connamespace = 'attune'::regnamespace
      UNION ALL
      SELECT indexdef FROM pg_indexes WHERE schemaname = 'attune'
      UNION ALL
      SELECT pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
      WHERE c.relnamespace = 'attune'::regnamespace AND NOT t.tgisinternal
      UNION ALL
      SELECT pg_get_functiondef(oid) || proowner::regrole || COALESCE(ARRAY(SELECT unnest(proacl)::text ORDER BY 1), '{}')::text
      FROM pg_proc WHERE pronamespace = 'attune'::regnamespace
    ) described ORDER BY line COLLATE "C"`;
  const [ledger] = await sql`SELECT to_regclass('attune.agent_function') AS it`;
  const applied = ledger?.['it'] ? await readApplied(sql) : [];
  return [...rows.map(({ line }) => line), ...applied];
}

async function readApplied(sql: postgres.Sql): Promise<readonly string[]> {
  const rows = await sql<{ line: string }[]>`
    SELECT format('applied %s %s %s', name, checksum, version) AS line FROM attune.agent_function
    ORDER BY name COLLATE "C"`;
  return rows.map(({ line }) => line);
}
