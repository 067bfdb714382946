import { messageOf } from '#domain/errors.ts';
import { sha256OfFile } from '#files/sha256.ts';
import { complain } from './complain.ts';
import { EXIT } from './exit-codes.ts';
import { write } from './terminal.ts';

/** Prints the SHA-256 of a file as sha256sum does; with an expected one, says whether it is that. */
export async function verify(path: string, expected: string | undefined): Promise<number> {
  try {
    const digest = await sha256OfFile(path);
    await write(process.stdout, `${digest}  ${path}\n`);
    if (expected === undefined || expected.toLowerCase() === digest) return EXIT.success;
    await complain(`${path} is not what was expected: its SHA-256 is ${digest}, not ${expected}`);
  } catch (error) {
    await complain(`${path} cannot be read: ${messageOf(error)}`);
  }
  return EXIT.failure;
}
