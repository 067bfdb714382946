/** A password that is not encoded leads to another address, which nothing would hide. */
import { expect, test } from 'bun:test';
import { secretValues } from '#config/secret-values.ts';
import { showConfig } from '#config/show-config.ts';
import { load, loaded, problems } from './sources.ts';

const variables: Readonly<Record<string, string>> = {
  ATTUNE__DATABASE__URL: 'postgres',
  ATTUNE__MESSAGE_QUEUE__URL: 'amqp',
  ATTUNE__TRACING__URL: 'https',
  ATTUNE__SERVER__PUBLIC_URL: 'https',
  ATTUNE__ARTIFACTS__S3_ENDPOINT: 'https',
  ATTUNE__OIDC__ISSUER: 'https',
  ATTUNE_API_URL: 'http',
};
const password = 'secretpart';
const unclear = [
  `//u:12/${password}@h/d`,
  `//u:/${password}@h/d`,
  `//u:12#${password}@h/d`,
  `//u:1?${password}@h/d`,
  `//u:${password}@1/2@h/d`,
  `//u:12,x/${password}@h/d`,
  `///u:${password}@h/d`,
  `//u:12/a?b=${password}@h/d`,
  `//u:12/${password}#c@h/d`,
  `//u:pass${password}/x@h/d`,
];

test.each(Object.entries(variables))('%s: such a URL is refused, and no part of it is said', (variable, protocol) => {
  for (const rest of [...unclear, ...(protocol.startsWith('http') ? [`//u:12\\${password}@h/d`] : [])]) {
    const said = problems({ env: { [variable]: `${protocol}:${rest}` } }).join('\n');
    expect([rest, said]).toEqual([rest, expect.stringContaining(`${variable}: `)]);
    for (let at = 0; at + 4 <= password.length; at++) expect(said).not.toContain(password.slice(at, at + 4));
    expect(said).toContain('/ as %2F');
  }
});

test('an @ elsewhere stays where nothing could be a password', () => {
  for (const url of [
    'postgres://u:p%40ss@h/a%40b',
    'postgres://u:p@ss@h:5432/d',
    'postgres://u@h/a@b',
    'postgres://h/d?user=me@cloud',
    'postgres://a:1,b:2/d',
    'postgres://u:pa\\ss@h/d',
    'postgres:///d?host=/run/postgresql',
  ])
    expect([url, problems({ env: { ATTUNE__DATABASE__URL: url } })]).toEqual([url, []]);
  expect(load({ env: { ATTUNE_API_URL: 'https://h/@me' } }).api_url).toBe('https://h/@me');
});

test('parameters of a URL that are named after secrets are hidden as its password is', () => {
  const sources = {
    env: {
      ATTUNE__DATABASE__URL: 'postgres://u@h/d?sslmode=require&password=of-a-parameter&sslpassword=of-the-key-file',
      ATTUNE_API_URL: 'https://u:of-the-server@h',
      ATTUNE__ARTIFACTS__S3_ENDPOINT: 'http://minio:9000',
    },
  };
  const shown = showConfig(loaded(sources));
  for (const secret of ['of-a-parameter', 'of-the-key-file', 'of-the-server']) {
    expect(shown).not.toContain(secret);
    expect(secretValues(load(sources))).toContain(secret);
  }
  expect(shown).toContain('sslmode=require');
  expect(shown).toContain('s3_endpoint: http://minio:9000 ');
});
