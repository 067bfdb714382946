/** Texts in the secrets of one execution, and their characters. Its output is looked through for every spelling of each. */
const MOST_TEXTS = 500;
const MOST_CHARACTERS = 128 * 1024;

/** Says that secrets, which are values of any JSON type, are more than can be masked; undefined: they can be. */
export function tooManySecrets(secrets: readonly unknown[]): string | undefined {
  const texts = new Set(secrets.flatMap(textsIn));
  if (texts.size > MOST_TEXTS) return `${texts.size} secret texts: at most ${MOST_TEXTS} can be masked`;
  const characters = [...texts].reduce((sum, text) => sum + text.length, 0);
  if (characters <= MOST_CHARACTERS) return undefined;
  return `secrets of ${characters} characters: at most ${MOST_CHARACTERS} can be masked`;
}

/** All that is secret of a secret value: of an object or an array all texts and numbers in it. */
export function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value === 'number' || typeof value === 'bigint') return [String(value)];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}
