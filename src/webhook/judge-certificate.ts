import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { Certificate } from './certificates.ts';

/** When the first certificate of a PEM ends, in milliseconds since 1970; undefined: it is no certificate. */
export function endOf(pem: string): number | undefined {
  return ifReadable(() => Date.parse(new X509Certificate(pem).validTo));
}

/** Tells whether a certificate and a private key are one pair. */
export function isPair({ certificate, key }: Certificate): boolean {
  return ifReadable(() => new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key))) === true;
}

/** Tells whether a certificate is of all these names and was signed by the authority. */
export function isFor(certificate: string, names: readonly string[], authority: string): boolean {
  const judge = (): boolean => {
    const read = new X509Certificate(certificate);
    const isNamed = names.every((name) => read.checkHost(name) !== undefined);
    return isNamed && read.verify(new X509Certificate(authority).publicKey);
  };
  return ifReadable(judge) === true;
}

function ifReadable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
