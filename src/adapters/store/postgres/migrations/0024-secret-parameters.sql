-- All parameters of an execution, encrypted, where some of them are secret: {hash, value}. `config` has masks for these.
ALTER TABLE execution ADD COLUMN encrypted_config JSONB;
