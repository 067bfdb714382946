-- The salt with which a passphrase in security.encryption_key is stretched: 244 random bits.
CREATE TABLE encryption_salt (id INTEGER PRIMARY KEY CHECK (id = 1), salt TEXT NOT NULL);
INSERT INTO encryption_salt (id, salt)
VALUES (1, encode(sha256((gen_random_uuid()::text || gen_random_uuid()::text)::bytea), 'hex'));
