import { readFileSync } from 'node:fs';
import type { Clock } from '#domain/clock.ts';
import type { Cluster, KeptSecret } from '#domain/cluster.ts';
import { type Certificate, firstOf, makeAuthority, makeServerCertificate } from './certificates.ts';
import { endOf, isFor, isPair } from './judge-certificate.ts';

/** Where the certificate of the webhook comes from: asked again and again, it gives another one in time. Throws when there is none. */
export type CertificateSource = () => Promise<Certificate>;

/** A certificate that somebody else puts into files, and exchanges. */
export function certificateOfFiles(files: Certificate): CertificateSource {
  return async () => {
    const certificate = readFileSync(files.certificate, 'utf8');
    const key = readFileSync(files.key, 'utf8');
    if (!isPair({ certificate, key }))
      throw new Error(`the certificate ${files.certificate} and the key ${files.key} do not belong together`);
    return { certificate, key };
  };
}

interface OwnCertificate {
  readonly cluster: Cluster;
  readonly clock: Pick<Clock, 'now'>;
  /** The Secret that keeps authority and certificate, so that all replicas have the same. It must exist. */
  readonly secret: string;
  /** The MutatingWebhookConfiguration that must trust the authority. */
  readonly configuration: string;
  /** The names by which the API server calls this webhook. */
  readonly names: readonly string[];
}

const DAY_MS = 86_400_000;
/** A certificate is exchanged when it is valid for less. */
const SERVER_LEFT_MS = 30 * DAY_MS;
const AUTHORITY_LEFT_MS = 365 * DAY_MS;
/** Several replicas may find the same Secret old: one of them writes first, and the others read what it has written. */
const MOST_ROUNDS = 5;

/** A certificate that the webhook makes itself, keeps in a Secret, makes the API server trust, and exchanges before it ends. */
export function ownCertificate({ cluster, clock, secret, configuration, names }: OwnCertificate): CertificateSource {
  return async () => {
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const kept = await cluster.readSecret(secret);
      if (!kept) throw new Error(`there is no Secret ${secret}: make an empty one, in which certificates are kept`);
      const { values, version } = kept;
      const now = clock.now();
      if (isGood(values, names, now)) {
        /* Trusted first, served then. */
        await cluster.trust(configuration, values['ca.crt'] ?? '');
        return { certificate: values['tls.crt'] ?? '', key: values['tls.key'] ?? '' };
      }
      await cluster.writeSecret(secret, await renewed(values, names, now), version);
    }
    throw new Error(`the Secret ${secret} changes all the time: nothing could be written in ${MOST_ROUNDS} rounds`);
  };
}

type Values = KeptSecret['values'];

function isGood(values: Values, names: readonly string[], now: number): boolean {
  const { 'tls.crt': certificate = '', 'tls.key': key = '', 'ca.crt': authorities = '' } = values;
  return (
    (endOf(certificate) ?? 0) > now + SERVER_LEFT_MS &&
    isGoodAuthority(values, now) &&
    isPair({ certificate, key }) &&
    isFor(certificate, names, firstOf(authorities))
  );
}

function isGoodAuthority({ 'ca.crt': authorities = '', 'ca.key': key = '' }: Values, now: number): boolean {
  const certificate = firstOf(authorities);
  return (endOf(certificate) ?? 0) > now + AUTHORITY_LEFT_MS && isPair({ certificate, key });
}

/** New values: the authority stays while it is good, else the former one is trusted beside its successor until all replicas have changed. */
async function renewed(values: Values, names: readonly string[], now: number): Promise<Values> {
  const former = firstOf(values['ca.crt'] ?? '');
  const isKept = isGoodAuthority(values, now);
  const authority = isKept ? { certificate: former, key: values['ca.key'] ?? '' } : await makeAuthority(now);
  const alsoTrusted = !isKept && (endOf(former) ?? 0) > now ? former : '';
  const { certificate, key } = await makeServerCertificate(authority, names, now);
  const authorities = isKept ? (values['ca.crt'] ?? '') : `${authority.certificate}${alsoTrusted}`;
  return { 'ca.crt': authorities, 'ca.key': authority.key, 'tls.crt': certificate, 'tls.key': key };
}
