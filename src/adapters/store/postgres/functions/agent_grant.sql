-- Makes the three roles of this PostgreSQL server, and grants what each may do in this database. Members of
-- attune_worker call functions, members of attune_server work on the tables, members of attune_readonly read what is
-- not secret. Returns one sentence for each thing that could not be done.
CREATE OR REPLACE FUNCTION agent_grant()
RETURNS SETOF TEXT
LANGUAGE plpgsql
SET search_path = attune, pg_temp
AS $$
DECLARE
  role TEXT;
  one RECORD;
BEGIN
  /* Up to PostgreSQL 14 everybody may do so: such a function could be called in place of one of ours. */
  IF has_schema_privilege('public', 'public', 'CREATE') THEN
    RETURN NEXT 'schema public: everybody may create functions in it: REVOKE CREATE ON SCHEMA public FROM PUBLIC';
  END IF;
  FOREACH role IN ARRAY '{attune_worker,attune_server,attune_readonly}'::text[] LOOP
    BEGIN
      IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) THEN
        EXECUTE format('CREATE ROLE %I NOLOGIN', role);
      END IF;
      EXECUTE format('GRANT USAGE ON SCHEMA attune TO %I', role);
    EXCEPTION
      WHEN duplicate_object OR unique_violation THEN NULL; /* another database makes it now */
      WHEN insufficient_privilege THEN
        RETURN NEXT format('role %s: %s', role, SQLERRM);
        RETURN;
    END;
    EXECUTE format('GRANT USAGE ON SCHEMA attune TO %I', role);
  END LOOP;
  FOR one IN
    SELECT p.oid::regprocedure AS name, p.prosecdef AND p.proname NOT IN ('agent_keep_logs', 'agent_end_stale', 'agent_execution_ids') AS is_for_workers
    FROM pg_proc AS p
    WHERE p.pronamespace = 'attune'::regnamespace AND p.proname LIKE 'agent\_%' AND p.proname != 'agent_grant'
  LOOP
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO attune_server', one.name);
    IF one.is_for_workers THEN
      EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO attune_worker', one.name);
    END IF;
  END LOOP;
  FOR one IN
    SELECT
      c.oid::regclass AS name,
      c.relname NOT IN ('agent_migration', 'agent_function') AS is_written,
      (
        SELECT string_agg(quote_ident(a.attname), ', ')
        FROM pg_attribute AS a
        WHERE
          a.attrelid = c.oid
          AND a.attnum > 0
          AND NOT a.attisdropped
          AND (c.relname, a.attname) NOT IN (
            ('key', 'value'),
            ('api_token', 'hash'),
            ('execution_claim', 'token_hash'),
            ('execution', 'token_hash'),
            ('execution_secret_value', 'value'),
            ('execution', 'encrypted_config'),
            ('execution', 'callback_url'),
            ('webhook', 'secret'),
            ('webhook', 'url'),
            ('webhook_delivery', 'url')
          )
      ) AS open
    FROM pg_class AS c
    WHERE c.relkind IN ('r', 'p', 'v') AND NOT c.relispartition AND c.relnamespace = 'attune'::regnamespace
  LOOP
    BEGIN
      EXECUTE format('GRANT SELECT (%s) ON %s TO attune_readonly', one.open, one.name);
      EXECUTE format(
        'GRANT SELECT %s ON %s TO attune_server',
        CASE WHEN one.is_written THEN ', INSERT, UPDATE, DELETE' END, one.name
      );
    EXCEPTION WHEN insufficient_privilege THEN
      RETURN NEXT format('table %s: %s', one.name, SQLERRM);
    END;
  END LOOP;
  GRANT USAGE ON ALL SEQUENCES IN SCHEMA attune TO attune_server;
END
$$;
