import type { Config } from '#config/schema.ts';
import { secretValues, sourceSecrets } from '#config/secret-values.ts';
import { createMasker } from '#execution/masking/masker.ts';

/**
 * Masks the secrets that this process gets as settings, by its environment, by the files that it names, and by the file of
 * `--config`, in whatever spelling a text has them.
 */
export function hideSecrets(text: string, argv: readonly string[] = Bun.argv): string {
  const secrets = [undefined, ...namedFiles(argv)].flatMap((file) =>
    sourceSecrets({ env: Bun.env, file, directory: process.cwd() }),
  );
  return secrets.length === 0 ? text : createMasker(secrets).text(text);
}

/** Makes a function that masks the secrets of a configuration in a text. */
export function hideSecretsOf(config: Config): (text: string) => string {
  const masker = createMasker(secretValues(config));
  return (text) => masker.text(text);
}

/** The files with settings that a command line names, read before it is known to be right. */
function namedFiles(argv: readonly string[]): readonly string[] {
  return argv.flatMap((argument, n) => {
    const [, inOne] = /^(?:--config=|-c=?)(.+)$/s.exec(argument) ?? [];
    return inOne ?? (argument === '--config' || argument === '-c' ? (argv[n + 1] ?? []) : []);
  });
}
