/** Only texts with other characters are changed. */
const PLAIN = /^[ -~]*$/;

/**
 * A password as PostgreSQL takes it for SCRAM: a no-break space is a space, and `ﬁ` is `fi`. What SASLprep refuses, such as a
 * text with a character that Unicode 3.2 lacks, stays as it is.
 */
export async function preparePassword(password: string): Promise<string> {
  if (PLAIN.test(password)) return password;
  /* Its tables take time to unpack. */
  const { default: saslprep } = await import('@mongodb-js/saslprep');
  try {
    return saslprep(password);
  } catch {
    return password;
  }
}
