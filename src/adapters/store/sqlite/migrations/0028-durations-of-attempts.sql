-- What the worker has measured of an attempt that another one follows. Null: nobody has.
ALTER TABLE execution_attempt ADD COLUMN prepared_ms REAL;
ALTER TABLE execution_attempt ADD COLUMN ran_ms REAL;
