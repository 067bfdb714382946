-- All parameters of a schedule, encrypted, where some of them have become secret; masks are in parameters then. Null: none has.
ALTER TABLE schedule ADD COLUMN encrypted_parameters TEXT;
