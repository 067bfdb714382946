-- The owner of a worker is the id of a token: names were anybody's, and several tokens could share one.
UPDATE worker AS w
SET owner = 'token:' || t.id
FROM
  (
    SELECT DISTINCT ON (name) name, id
    FROM api_token
    ORDER BY name, revoked_at IS NOT NULL, id
  ) AS t
WHERE w.owner = 'token:' || t.name;

-- From now on a valid token is known by its name too. Of those that share one the oldest keeps it.
UPDATE api_token AS t
SET name = t.name || ' (token ' || t.id || ')'
WHERE
  t.revoked_at IS NULL
  AND (
    t.name !~ '[^0-9]'
    OR EXISTS (SELECT FROM api_token AS o WHERE o.name = t.name AND o.revoked_at IS NULL AND o.id < t.id)
  );
CREATE UNIQUE INDEX api_token_name ON api_token (name) WHERE revoked_at IS NULL;

-- Until when the process that has the name of a worker holds it: its own lease decides, not that of whoever wants it.
ALTER TABLE worker ADD COLUMN lease_expires_at TIMESTAMPTZ;
