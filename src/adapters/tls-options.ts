import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import { fileErrorOf } from '#domain/errors.ts';

/** The TLS that a URL asks for. */
export interface TlsRequest {
  /** The name or address that the certificate must have. */
  readonly host: string;
  /** The PEM file of the authorities to trust; undefined means those that are trusted anyway. */
  readonly caFile: string | undefined;
  /** The PEM files of the certificate and the key of this client, both or none. */
  readonly certFile: string | undefined;
  readonly keyFile: string | undefined;
  /** The check of the server's certificate; `none` encrypts, whoever the server is. */
  readonly verify: 'none' | 'authority' | 'name';
}

/** The options of TLS for tls.connect of node:tls. */
export interface TlsOptions {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly servername?: string;
  readonly rejectUnauthorized: boolean;
  checkServerIdentity(hostname: string, certificate: PeerCertificate): Error | undefined;
}

/** Takes parameters out of a URL, which loses them; a parameter that the URL does not have is undefined. */
export function takeParameters<Name extends string>(url: URL, names: readonly Name[]): Partial<Record<Name, string>> {
  const found: Partial<Record<Name, string>> = {};
  for (const name of names) {
    const value = url.searchParams.get(name);
    if (value !== null) found[name] = value;
    url.searchParams.delete(name);
  }
  return found;
}

/**
 * Turns a request for TLS into options, reading the PEM files. Throws an error that names a file that cannot be read.
 */
export function tlsOptions({ host, caFile, certFile, keyFile, verify }: TlsRequest): TlsOptions {
  const name = host.replace(/^\[|\]$/g, '');
  return {
    ...(caFile !== undefined && { ca: read(caFile) }),
    ...(certFile !== undefined && { cert: read(certFile) }),
    ...(keyFile !== undefined && { key: read(keyFile) }),
    ...(isIP(name) === 0 && { servername: name }),
    rejectUnauthorized: verify !== 'none',
    checkServerIdentity: (_, certificate) => (verify === 'name' ? checkServerIdentity(name, certificate) : undefined),
  };
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Error(`${file} cannot be read: ${fileErrorOf(error)}`, { cause: error });
  }
}

/** Patterns of codes and messages of TLS, and what they mean. */
const causes: readonly (readonly [RegExp, string])[] = [
  [/CERT_HAS_EXPIRED|certificate has expired/i, 'its certificate has expired'],
  [/CERT_NOT_YET_VALID/, 'its certificate is not valid yet: is the clock right?'],
  [/ALTNAME_INVALID|does not match certificate/i, 'its certificate is for another name'],
  [
    /SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|self.signed|unable to (verify|get)/i,
    'its certificate is signed by nobody that is trusted here: set ca_certificate',
  ],
  [
    /CERTIFICATE_REQUIRED|certificate required|handshake failure|bad certificate|unknown ca/i,
    'it wants another certificate of this client: set client_certificate and client_key',
  ],
  [/cannot be read/, 'a file of its certificates is missing'],
];

/** Explains a TLS error in one sentence; undefined if the error is not about TLS. */
export function explainTlsError(said: string): string | undefined {
  return causes.find(([pattern]) => pattern.test(said))?.[1];
}
