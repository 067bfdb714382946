-- Says what of a registration is too large; null if nothing is.
CREATE OR REPLACE FUNCTION agent_flaw_of(who JSONB)
RETURNS TEXT
LANGUAGE sql
IMMUTABLE
AS $$
  SELECT
    CASE
      WHEN octet_length(who ->> 'name') > 255
      OR octet_length(who ->> 'host') > 255 THEN 'the names of a worker and of its host have 255 bytes at most'
      WHEN octet_length(COALESCE(who #>> '{capabilities,labels}', ''))
      + octet_length(COALESCE(who #>> '{capabilities,taints}', '')) > 8192 THEN 'the labels and taints of a worker have 8 KiB at most'
      WHEN octet_length(COALESCE(who ->> 'capabilities', '')) > 65536
      OR octet_length(COALESCE(who ->> 'templates', '')) > 262144 THEN 'what a worker says about its runtimes has 64 KiB at most'
    END;
$$;
