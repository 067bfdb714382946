import { tlsOptions } from '#tls/tls-options.ts';

/** Of RabbitMQ's clients: https://www.rabbitmq.com/docs/uri-query-parameters */
const parameters: readonly string[] = ['cacertfile', 'certfile', 'keyfile', 'verify', 'server_name_indication'];

/** The URL without what is about TLS, and that as options of a socket; the server's name is checked unless `verify=verify_none`. */
export function readTls(address: URL): { readonly url: URL; readonly socket: object } {
  const url = new URL(address);
  const [caFile, certFile, keyFile, verify, name] = parameters.map((one) => url.searchParams.get(one) ?? undefined);
  for (const one of parameters) url.searchParams.delete(one);
  if (url.protocol !== 'amqps:') return { url, socket: {} };
  if (verify !== undefined && verify !== 'verify_peer' && verify !== 'verify_none')
    throw new Error(`verify=${verify}: expected verify_peer or verify_none`);
  const host = name ?? url.hostname;
  return {
    url,
    socket: tlsOptions({ host, caFile, certFile, keyFile, verify: verify === 'verify_none' ? 'none' : 'name' }),
  };
}
