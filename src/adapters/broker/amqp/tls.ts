import { takeParameters, tlsOptions } from '#adapters/tls-options.ts';

/** The parameters of AMQP URLs about TLS: https://www.rabbitmq.com/docs/uri-query-parameters */
const parameters = ['cacertfile', 'certfile', 'keyfile', 'verify', 'server_name_indication'] as const;

/**
 * Splits a broker URL into the URL without TLS parameters and the TLS options of the socket. The server's name is
 * checked unless the URL says `verify=verify_none`.
 */
export function readTls(address: URL): { readonly url: URL; readonly socket: object } {
  const url = new URL(address);
  const { cacertfile: caFile, certfile: certFile, keyfile: keyFile, verify, ...rest } = takeParameters(url, parameters);
  if (url.protocol !== 'amqps:') return { url, socket: {} };
  if (verify !== undefined && verify !== 'verify_peer' && verify !== 'verify_none')
    throw new Error(`verify=${verify}: expected verify_peer or verify_none`);
  const host = rest.server_name_indication ?? url.hostname;
  return {
    url,
    socket: tlsOptions({ host, caFile, certFile, keyFile, verify: verify === 'verify_none' ? 'none' : 'name' }),
  };
}
