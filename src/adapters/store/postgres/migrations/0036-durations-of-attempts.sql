-- What the worker has measured of an attempt that another one follows. Null: nobody has.
ALTER TABLE execution_attempt
ADD COLUMN prepared_ms FLOAT8,
ADD COLUMN ran_ms FLOAT8;
