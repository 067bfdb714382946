-- The packs and actions to which a token is confined: {"packs": [], "actions": []}. Null: it is not confined.
ALTER TABLE api_token ADD COLUMN confined_to JSONB;
