import { complain } from '#cli/complain.ts';
import { EXIT } from '#cli/exit-codes.ts';
import { write } from '#cli/terminal.ts';
import { requireSignature, type SignatureOptions } from '#cli/wiring/signed.ts';
import { sha256OfFile } from '#crypto/sha256.ts';
import { codeOf, messageOf } from '#domain/errors.ts';

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
