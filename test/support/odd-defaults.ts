import postgres from 'postgres';

const defaults = [
  "datestyle = 'German, DMY'",
  "bytea_output = 'escape'",
  'extra_float_digits = -10',
  "default_transaction_isolation = 'serializable'",
  "timezone = 'Asia/Kolkata'",
  "intervalstyle = 'sql_standard'",
  "search_path = ''",
  "statement_timeout = '20ms'",
];

/** Gives a database the defaults that some administrators set for other programs. */
export async function setOddDefaults(url: string): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  const name = decodeURIComponent(new URL(url).pathname.slice(1));
  for (const one of defaults) await sql.unsafe(`ALTER DATABASE "${name}" SET ${one}`);
  await sql.end();
}
