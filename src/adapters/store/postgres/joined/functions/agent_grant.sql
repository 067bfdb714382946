-- Makes the role attune_worker of this PostgreSQL server, whose members may call the functions that workers call, and
-- nothing else. Returns one sentence for each thing that could not be done.
CREATE OR REPLACE FUNCTION agent_grant()
RETURNS SETOF TEXT
LANGUAGE plpgsql
SET search_path = attune, pg_temp
AS $$
DECLARE
  one RECORD;
BEGIN
  /* Up to PostgreSQL 14 everybody may do so: such a function could be called in place of one of ours. */
  IF has_schema_privilege('public', 'public', 'CREATE') THEN
    RETURN NEXT 'schema public: everybody may create functions in it: REVOKE CREATE ON SCHEMA public FROM PUBLIC';
  END IF;
  BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'attune_worker') THEN
      CREATE ROLE attune_worker NOLOGIN;
    END IF;
  EXCEPTION
    WHEN duplicate_object OR unique_violation THEN NULL; /* another database makes it now */
    WHEN insufficient_privilege THEN
      RETURN NEXT format('role attune_worker: %s', SQLERRM);
      RETURN;
  END;
  BEGIN
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO attune_worker', current_schema());
  EXCEPTION WHEN insufficient_privilege THEN
    RETURN NEXT format('schema %I: %s', current_schema(), SQLERRM);
  END;
  FOR one IN
    SELECT p.oid::regprocedure AS name
    FROM
      pg_proc AS p
      JOIN agent_function AS f ON f.name = p.proname
    WHERE p.pronamespace = current_schema()::regnamespace AND p.prosecdef AND p.proname != 'agent_keep_logs'
  LOOP
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO attune_worker', one.name);
  END LOOP;
END
$$;
