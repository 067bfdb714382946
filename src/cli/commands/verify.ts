import { complain } from '#cli/complain.ts';
import { EXIT } from '#cli/exit-codes.ts';
import { signatureOptions } from '#cli/options.ts';
import { optional, required } from '#cli/parameter.ts';
import { write } from '#cli/terminal.ts';
import { defineVerb } from '#cli/verb.ts';
import { requireSignature } from '#cli/wiring/signed.ts';
import { sha256OfFile } from '#crypto/sha256.ts';
import { codeOf, fileErrorOf, messageOf } from '#domain/errors.ts';

export const verb = defineVerb({
  details: 'It prints what sha256sum prints, for containers that have no sha256sum.',
  arguments: {
    file: required('file', 'File to verify'),
    sha256: optional('sha256', 'SHA-256 that the file must have, in hexadecimal'),
  },
  options: signatureOptions('the file'),
  examples: [['attune-agent verify /etc/hostname', 'Prints the SHA-256 of a file']],
  exitCodes: {
    [EXIT.success]: 'the file is as expected',
    [EXIT.failure]: 'the file cannot be read, has another SHA-256, or is not signed by the key',
  },
  action: async ({ file, sha256 }, { publicKey, signature }, { env }) => {
    try {
      await requireSignature(file, { publicKey: publicKey ?? env['ATTUNE_AGENT_PUBLIC_KEY'], signature });
      const digest = await sha256OfFile(file);
      await write(process.stdout, `${digest}  ${file}\n`);
      if (sha256 === undefined || sha256.toLowerCase() === digest) return EXIT.success;
      await complain(`${file} is not what was expected: its SHA-256 is ${digest}, not ${sha256}`);
    } catch (error) {
      await complain(codeOf(error) === undefined ? messageOf(error) : `${file} cannot be read: ${fileErrorOf(error)}`);
    }
    return EXIT.failure;
  },
});
