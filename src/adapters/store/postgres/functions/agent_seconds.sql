-- A number of seconds that a caller gives, as an interval within bounds. What is no number becomes the lowest.
CREATE OR REPLACE FUNCTION agent_seconds(given FLOAT8, lowest FLOAT8, highest FLOAT8)
RETURNS INTERVAL
LANGUAGE sql
IMMUTABLE
AS $$
  SELECT
    make_interval(
      secs =>
        CASE
          WHEN given > lowest
          AND given != 'NaN' THEN LEAST(given, highest)
          ELSE lowest
        END
    );
$$;
