import type { certificates } from './certificates.ts';
import type { Config } from './schema.ts';

const parameters = {
  database: { ca_certificate: 'sslrootcert', client_certificate: 'sslcert', client_key: 'sslkey' },
  message_queue: { ca_certificate: 'cacertfile', client_certificate: 'certfile', client_key: 'keyfile' },
} as const;

/** The configuration with its certificate files as parameters of its URLs, where the drivers look for them. */
export function withCertificates(config: Config): Config {
  return {
    ...config,
    database: withParameters(config.database, parameters.database),
    message_queue: withParameters(config.message_queue, parameters.message_queue),
  };
}

type Section = Config['database'];

function withParameters<S extends Section>(section: S, names: Readonly<Record<keyof typeof certificates, string>>): S {
  const files = Object.entries(names).flatMap(([key, name]) => {
    const path = section[key as keyof typeof certificates];
    return path === undefined ? [] : [[name, path] as const];
  });
  if (section.url === undefined || files.length === 0) return section;
  const address = new URL(section.url);
  for (const [name, path] of files) address.searchParams.set(name, path);
  return { ...section, url: address.href };
}
