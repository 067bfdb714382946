import { environmentSecrets } from '#config/secret-values.ts';
import { createMasker } from '#execution/masking/masker.ts';

/** Masks the secrets that the environment of this process gives as settings, in whatever spelling a text has them. */
export function hideSecrets(text: string): string {
  const secrets = environmentSecrets(Bun.env);
  return secrets.length === 0 ? text : createMasker(secrets).text(text);
}
