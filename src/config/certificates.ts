import { existsSync } from 'node:fs';
import { z } from 'zod';

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
