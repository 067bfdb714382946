import { expect, test } from 'bun:test';
import { formatSql } from '#ci/sql-formatter.ts';

test('the formatter formats the statements of PL/pgSQL too, and leaves its own work alone', async () => {
  const text = `-- Says why.
create or replace function f(a INTEGER) RETURNS setof text language plpgsql AS $$
DECLARE
  one RECORD;
BEGIN
  FOR one IN SELECT   name from t where kind = 'LOOP; ('
  LOOP
    INSERT INTO log(name) VALUES (one.name) RETURNING * INTO one;
  END LOOP;
  RETURN QUERY select jsonb_build_object('a_long_name_of_a_member', 'a value that is longer than all others', 'another_name', now(), 'b', a) FROM t;
END $$;
`;
  const formatted = await formatSql(text);
  expect(formatted).toBe(`-- Says why.
CREATE OR REPLACE FUNCTION f(a INTEGER)
RETURNS SETOF text
LANGUAGE plpgsql
AS $$
DECLARE
  one RECORD;
BEGIN
  FOR one IN
    SELECT name FROM t WHERE kind = 'LOOP; ('
  LOOP
    INSERT INTO log (name) VALUES (one.name) RETURNING *
    INTO one;
  END LOOP;
  RETURN QUERY
  SELECT
    jsonb_build_object(
      'a_long_name_of_a_member', 'a value that is longer than all others',
      'another_name', now(),
      'b', a
    )
  FROM t;
END
$$;
`);
  expect(await formatSql(formatted)).toBe(formatted);
});

test('what the formatter cannot read is an error that names the place', async () => {
  await expect(formatSql('CREATE TABLE t (a INTEGER;')).rejects.toThrow('Syntax Error');
});
