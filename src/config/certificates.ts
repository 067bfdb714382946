import { existsSync } from 'node:fs';
import { z } from 'zod';
import type { Config } from './schema.ts';

const file = z
  .string()
  .startsWith('/', 'expected an absolute path')
  .refine((path) => existsSync(path), { message: 'there is no such file' });

/** PEM files for TLS: who signs the server's certificate, and who this client is. */
export const certificates = {
  ca_certificate: file.optional(),
  client_certificate: file.optional(),
  client_key: file.optional(),
};

const parameters = {
  database: { ca_certificate: 'sslrootcert', client_certificate: 'sslcert', client_key: 'sslkey' },
  message_queue: { ca_certificate: 'cacertfile', client_certificate: 'certfile', client_key: 'keyfile' },
} as const;

/** The same with the files as parameters of the URLs, where drivers look for them. */
export function withCertificates(config: Config): Config {
  return {
    ...config,
    database: withParameters(config.database, parameters.database),
    message_queue: withParameters(config.message_queue, parameters.message_queue),
  };
}

type Section = Config['database'];

function withParameters(section: Section, names: Readonly<Record<keyof typeof certificates, string>>): Section {
  const files = Object.entries(names).flatMap(([key, name]) => {
    const path = section[key as keyof typeof certificates];
    return path === undefined ? [] : [[name, path] as const];
  });
  if (section.url === undefined || files.length === 0) return section;
  const address = new URL(section.url);
  for (const [name, path] of files) address.searchParams.set(name, path);
  return { ...section, url: address.href };
}
