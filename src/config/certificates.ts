import { existingFile } from './setting-types.ts';

/** PEM files for TLS: the authority that signs the server's certificate, and the certificate and key of this client. */
export const certificates = {
  ca_certificate: existingFile.optional().meta({
    description:
      'PEM file with the authorities that may have signed the certificate of the server. It is read anew for each connection, and with it the certificate and its name are always checked',
    unset: 'the authorities that the system knows',
  }),
  client_certificate: existingFile.optional().describe('PEM file with the certificate of this client'),
  client_key: existingFile.optional().describe('PEM file with the private key of this client'),
};
