import { type TlsOptions, takeParameters, tlsOptions } from '#adapters/tls-options.ts';

/** The parameters of libpq about TLS: https://www.postgresql.org/docs/current/libpq-ssl.html */
const parameters = ['sslmode', 'sslrootcert', 'sslcert', 'sslkey'] as const;

interface Address {
  /** The URL without the parameters that are about TLS. */
  readonly url: string;
  readonly ssl: TlsOptions | 'prefer' | 'allow' | false;
}

/**
 * Reads the TLS parameters of a database URL as libpq does, except that the default is `sslmode=disable`, and
 * `verify-full` where `sslrootcert` is given.
 */
export function readTls(text: string): Address {
  const url = new URL(text);
  const { sslmode: mode, sslrootcert: caFile, sslcert: certFile, sslkey: keyFile } = takeParameters(url, parameters);
  const cordoning = { host: url.hostname, caFile: caFile === 'system' ? undefined : caFile, certFile, keyFile };
  switch (mode ?? (caFile === undefined ? 'disable' : 'verify-full')) {
    case 'disable':
      return { url: url.href, ssl: false };
    case 'allow':
    case 'prefer':
      return { url: url.href, ssl: mode as 'allow' | 'prefer' };
    case 'require':
      return { url: url.href, ssl: tlsOptions({ ...cordoning, verify: caFile === undefined ? 'none' : 'authority' }) };
    case 'verify-ca':
      return { url: url.href, ssl: tlsOptions({ ...cordoning, verify: 'authority' }) };
    case 'verify-full':
      return { url: url.href, ssl: tlsOptions({ ...cordoning, verify: 'name' }) };
    default:
      throw new Error(`sslmode=${mode}: expected disable, allow, prefer, require, verify-ca or verify-full`);
  }
}
