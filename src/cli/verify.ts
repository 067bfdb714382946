import { codeOf, messageOf } from '#domain/errors.ts';
import { sha256OfFile } from '#files/sha256.ts';
import { complain } from './complain.ts';
import { EXIT } from './exit-codes.ts';
import { requireSignature, type SignatureOptions } from './signed.ts';
import { write } from './terminal.ts';

/** Prints the SHA-256 of a file as sha256sum does; with an expected one or a key, says whether it is that, and signed. */
export async function verify(path: string, expected: string | undefined, options: SignatureOptions): Promise<number> {
  try {
    await requireSignature(path, options);
    const digest = await sha256OfFile(path);
    await write(process.stdout, `${digest}  ${path}\n`);
    if (expected === undefined || expected.toLowerCase() === digest) return EXIT.success;
    await complain(`${path} is not what was expected: its SHA-256 is ${digest}, not ${expected}`);
  } catch (error) {
    await complain(codeOf(error) === undefined ? messageOf(error) : `${path} cannot be read: ${messageOf(error)}`);
  }
  return EXIT.failure;
}
