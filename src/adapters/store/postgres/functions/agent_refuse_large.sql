-- Refuses a registration of which something is too large, and says what.
CREATE OR REPLACE FUNCTION agent_refuse_large(who JSONB)
RETURNS VOID
LANGUAGE plpgsql
IMMUTABLE
AS $$
DECLARE
  flaw TEXT := CASE
    WHEN octet_length(who ->> 'name') > 255
    OR octet_length(who ->> 'host') > 255 THEN 'the names of a worker and of its host have 255 bytes at most'
    WHEN who ->> 'name' = '' THEN 'a worker has a name'
    WHEN octet_length(concat(who ->> 'instance', who ->> 'workerType', who ->> 'pid', who ->> 'process')) > 2000 THEN 'what a worker says about its process has 2000 bytes at most'
    WHEN octet_length(COALESCE(who #>> '{capabilities,labels}', ''))
    + octet_length(COALESCE(who #>> '{capabilities,taints}', '')) > 8192 THEN 'the labels and taints of a worker have 8 KiB at most'
    WHEN octet_length(COALESCE(who ->> 'capabilities', '')) > 65536
    OR octet_length(COALESCE(who ->> 'templates', '')) > 262144 THEN 'what a worker says about its runtimes has 64 KiB at most'
  END;
BEGIN
  IF flaw IS NOT NULL THEN
    RAISE EXCEPTION '%', flaw;
  END IF;
END
$$;
