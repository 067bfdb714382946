-- Reads chunks of logs that a caller gives, without those that have no place in a log. Their time is that of this server,
-- unless the caller acts for all workers (`me` is NULL).
CREATE OR REPLACE FUNCTION agent_chunks(me TEXT, chunks JSON)
RETURNS TABLE (execution BIGINT, attempt INTEGER, stream TEXT, seq INTEGER, "offset" BIGINT, data BYTEA, at TIMESTAMPTZ)
LANGUAGE sql
VOLATILE
AS $$
  SELECT c.execution, c.attempt, c.stream, c.seq, c."offset", decode(c.data, 'base64'),
    CASE
      WHEN me IS NULL THEN c.at
      ELSE clock_timestamp()
    END
  FROM
    json_to_recordset(chunks) AS c (
      execution BIGINT,
      attempt INTEGER,
      stream TEXT,
      seq INTEGER,
      "offset" BIGINT,
      data TEXT,
      at TIMESTAMPTZ
    )
  WHERE octet_length(c.data) <= 16777216 AND c.seq >= 0 AND c."offset" BETWEEN 0 AND 1000000000000000;
$$;
