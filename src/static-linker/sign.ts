/**
 * `bun src/static-linker/sign.ts KEY FILE…`: writes FILE.sig beside each, as cosign does: ECDSA P-256 with SHA-256, DER, in base64.
 * The key is PEM (`openssl ecparam -name prime256v1 -genkey -noout`). Prints the public key that verifies.
 */
import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';

const [keyFile, ...files] = process.argv.slice(2);

try {
  if (!keyFile || files.length === 0)
    throw new Error('usage: sign.ts KEY FILE…; make sign SIGNING_KEY=… does it for what is in dist');
  const key = readKey(keyFile);
  for (const file of files) {
    writeFileSync(`${file}.sig`, `${sign('sha256', readFileSync(file), key).toString('base64')}\n`);
    console.log(`signed ${file}: ${file}.sig`);
  }
  console.log(createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString().trim());
} catch (error) {
  console.error(`sign: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
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
