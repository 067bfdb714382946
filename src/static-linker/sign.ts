/**
 * `bun src/static-linker/sign.ts KEY FILE…`: writes FILE.sig beside each, as cosign does: ECDSA P-256 with SHA-256, DER, in base64.
 * For a static file it also writes FILE.signed: name, processor, version and SHA-256, a line each, and the signature of these
 * lines, so that no older file and none for another processor can be given out in its place. The key is PEM (`openssl ecparam -name prime256v1 -genkey -noout`). Prints the public key that verifies.
 */
import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EHDR, ELF_MAGIC } from '#formats/elf-layout.ts';
import { machines } from './machines.ts';

const ELF_HEADER_BYTES = 64;

const [keyFile, ...files] = process.argv.slice(2);

try {
  if (!keyFile || files.length === 0)
    throw new Error('usage: sign.ts KEY FILE…; make sign SIGNING_KEY=… does it for what is in dist');
  const key = readKey(keyFile);
  for (const file of files) {
    const bytes = readFileSync(file);
    writeFileSync(`${file}.sig`, `${signatureOf(bytes, key)}\n`);
    const statement = statementOf(bytes);
    if (statement !== undefined)
      writeFileSync(`${file}.signed`, `${statement}signature ${signatureOf(Buffer.from(statement), key)}\n`);
    console.log(`signed ${file}: ${file}.sig`);
  }
  console.log(createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString().trim());
} catch (error) {
  console.error(`sign: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}

function signatureOf(bytes: Buffer, key: KeyObject): string {
  return sign('sha256', bytes, key).toString('base64');
}

/** What the lines say that are signed with the file; undefined if it is no program for a processor that we know. */
function statementOf(bytes: Buffer): string | undefined {
  const isProgram = bytes.length > ELF_HEADER_BYTES && bytes.readUInt32BE(0) === ELF_MAGIC;
  const machine = isProgram && machines.find(({ id }) => id === bytes.readUInt16LE(EHDR.e_machine));
  if (!machine) return undefined;
  const { version } = JSON.parse(readFileSync(join(import.meta.dir, '../../package.json'), 'utf8')) as {
    version: string;
  };
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return `name attune-agent\narch ${machine.name}\nversion ${version}\nsha256 ${sha256}\n`;
}

function readKey(path: string): KeyObject {
  const text = readFileSync(path, 'utf8');
  if (text.includes('ENCRYPTED'))
    throw new Error(
      `${path} is encrypted: sign with the program that made it (cosign sign-blob --tlog-upload=false --key ${path} --output-signature FILE.sig FILE)`,
    );
  const key = createPrivateKey(text);
  if (key.asymmetricKeyType !== 'ec' || key.asymmetricKeyDetails?.namedCurve !== 'prime256v1')
    throw new Error(`${path}: expected a key of the curve P-256 (openssl ecparam -name prime256v1 -genkey -noout)`);
  return key;
}
