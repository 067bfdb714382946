import { expect, test } from 'bun:test';
import { X509Certificate } from 'node:crypto';
import type { Cluster, KeptSecret } from '#domain/cluster.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { certificateOfFiles, ownCertificate } from '#webhook/certificate-sources.ts';
import { makeAuthority, makeServerCertificate } from '#webhook/certificates.ts';
import { isFor, isPair } from '#webhook/judge-certificate.ts';

const DAY = 86_400_000;
const names = ['hook.ns.svc', 'hook.ns.svc.cluster.local'];

/** A Secret and the authorities that the API server trusts, as a cluster keeps them. */
function aCluster(values: KeptSecret['values'] = {}) {
  const state = { values, version: 1, trusted: '', writes: 0, order: [] as string[] };
  const cluster: Cluster = {
    readSecret: async () => ({ values: { ...state.values }, version: String(state.version) }),
    writeSecret: async (_, changed, version) => {
      if (version !== String(state.version)) return false;
      state.values = { ...state.values, ...changed };
      state.version++;
      state.writes++;
      return true;
    },
    trust: async (_, authorities) => {
      const isNew = state.trusted !== authorities;
      state.trusted = authorities;
      return isNew;
    },
  };
  const at = (now: number) =>
    ownCertificate({ cluster, clock: { now: () => now }, secret: 's', configuration: 'c', names });
  return { state, cluster, at };
}

test('a certificate of its own is made once for all replicas, and trusted before it is served', async () => {
  const { state, at } = aCluster();
  const now = Date.now();
  const all = await Promise.all(Array.from({ length: 5 }, async () => await at(now)()));
  expect(new Set(all.map(({ certificate }) => certificate)).size).toBe(1);
  expect(state.writes).toBe(1);
  const [one] = all;
  if (!one) throw new Error('none');
  expect(isPair(one)).toBe(true);
  expect(isFor(one.certificate, names, state.trusted)).toBe(true);
  expect(isFor(one.certificate, ['other.ns.svc'], state.trusted)).toBe(false);
});

test('it is exchanged a month before it ends, by the same authority, and the authority a year before it ends', async () => {
  const { state, at } = aCluster();
  const now = Date.now();
  const first = await at(now)();
  expect(await at(now + 50 * DAY)()).toEqual(first);
  const authority = state.values['ca.crt'];
  const second = await at(now + 61 * DAY)();
  expect(second.certificate).not.toBe(first.certificate);
  expect(state.values['ca.crt']).toBe(authority);
  const third = await at(now + 3300 * DAY)();
  expect(state.trusted.match(/BEGIN CERTIFICATE/g)?.length).toBe(2);
  expect(state.trusted.endsWith(authority ?? '')).toBe(true);
  expect(isFor(third.certificate, names, state.trusted)).toBe(true);
  expect(isFor(second.certificate, names, authority ?? '')).toBe(true);
});

test('a Secret that holds nonsense, or a certificate for other names, is written anew', async () => {
  const now = Date.now();
  const authority = await makeAuthority(now);
  const other = await makeServerCertificate(authority, ['other.ns.svc'], now);
  const kept = { 'ca.crt': authority.certificate, 'ca.key': authority.key };
  for (const values of [
    { 'ca.crt': 'nonsense', 'tls.crt': 'x', 'tls.key': 'y' },
    { ...kept, 'tls.crt': other.certificate, 'tls.key': other.key },
    { ...kept, 'tls.crt': other.certificate, 'tls.key': authority.key },
  ]) {
    const { state, at } = aCluster(values);
    const found = await at(now)();
    expect([isPair(found), isFor(found.certificate, names, state.trusted), state.writes]).toEqual([true, true, 1]);
  }
});

test('without its Secret, or when others write all the time, it says so', async () => {
  const { cluster } = aCluster();
  const failing = (changed: Partial<Cluster>) =>
    ownCertificate({
      cluster: { ...cluster, ...changed },
      clock: { now: () => 0 },
      secret: 's',
      configuration: 'c',
      names,
    });
  await expect(failing({ readSecret: async () => undefined })()).rejects.toThrow('there is no Secret s');
  await expect(failing({ writeSecret: async () => false })()).rejects.toThrow('changes all the time');
});

test('certificates are of a kind that openssl takes', async () => {
  const now = Date.now();
  const authority = await makeAuthority(now);
  const server = await makeServerCertificate(authority, names, now);
  using directory = temporaryDirectory();
  const files = [
    directory.file('ca.crt', authority.certificate),
    directory.file('tls.crt', server.certificate),
  ] as const;
  const { stdout, exitCode } = Bun.spawnSync([
    'openssl',
    'verify',
    '-x509_strict',
    '-purpose',
    'sslserver',
    '-CAfile',
    ...files,
  ]);
  expect([exitCode, stdout.toString()]).toEqual([0, `${files[1]}: OK\n`]);
  expect(new X509Certificate(server.certificate).subjectAltName).toBe(names.map((name) => `DNS:${name}`).join(', '));
});

test('files are read again each time, and must belong together', async () => {
  const now = Date.now();
  const [one, two] = [await makeAuthority(now), await makeAuthority(now)];
  using directory = temporaryDirectory();
  const files = { certificate: directory.file('tls.crt', one.certificate), key: directory.file('tls.key', one.key) };
  const read = certificateOfFiles(files);
  expect(await read()).toEqual(one);
  directory.file('tls.crt', two.certificate);
  await expect(read()).rejects.toThrow('do not belong together');
  directory.file('tls.key', two.key);
  expect(await read()).toEqual(two);
});
