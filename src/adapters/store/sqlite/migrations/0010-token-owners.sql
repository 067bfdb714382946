-- The owner of a worker is the id of a token: names were anybody's, and several tokens could share one.
UPDATE worker SET owner = 'token:' || (
  SELECT id FROM api_token t WHERE worker.owner = 'token:' || t.name ORDER BY t.revoked_at IS NOT NULL, t.id LIMIT 1
) WHERE owner LIKE 'token:%' AND EXISTS (SELECT 1 FROM api_token t WHERE worker.owner = 'token:' || t.name);
-- From now on a valid token is known by its name too. Of those that share one the oldest keeps it.
UPDATE api_token SET name = name || ' (token ' || id || ')' WHERE revoked_at IS NULL AND (
  name NOT GLOB '*[^0-9]*'
  OR EXISTS (SELECT 1 FROM api_token o WHERE o.name = api_token.name AND o.revoked_at IS NULL AND o.id < api_token.id));
CREATE UNIQUE INDEX api_token_name ON api_token (name) WHERE revoked_at IS NULL;
-- Until when the process that has the name of a worker holds it: its own lease decides, not that of whoever wants it.
ALTER TABLE worker ADD COLUMN lease_expires_at INTEGER;
