-- Whether the caller may act as this process of this worker.
CREATE OR REPLACE FUNCTION agent_holds(me TEXT, given_worker BIGINT, given_instance TEXT)
RETURNS BOOLEAN
LANGUAGE sql
STABLE
AS $$
  SELECT
    me IS NULL
    OR EXISTS (SELECT FROM agent_worker WHERE worker = given_worker AND instance = given_instance AND agent_may(owner, me));
$$;
