/** A server on loopback that is what registries of packages are on a bad day, by the first part of the path. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { call } from './call.ts';
import { npmPackage } from './packs-with-dependencies.ts';
import { temporaryDirectory } from './temporary.ts';

export interface RefusingServer extends Disposable {
  /** Of a plain server: below /denied everything is a 401, below /forbidden a 403, below /broken a 500, what it does not know a 404. */
  readonly url: string;
  /** Of a server whose certificate nobody has signed. */
  readonly untrusted: string;
}

export function startRefusingServer(): RefusingServer {
  using directory = temporaryDirectory();
  const [key, cert] = [join(directory.path, 'key.pem'), join(directory.path, 'cert.pem')];
  const request = ['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', '/CN=127.0.0.1'];
  const made = call([...request, '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', cert]);
  if (made.exitCode !== 0) throw new Error(made.stderr);
  const tls = { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  const plain = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: answer });
  const encrypted = Bun.serve({ hostname: '127.0.0.1', port: 0, tls, fetch: answer });
  return {
    url: `http://127.0.0.1:${plain.port}`,
    untrusted: `https://127.0.0.1:${encrypted.port}`,
    [Symbol.dispose]: () => {
      void plain.stop(true);
      void encrypted.stop(true);
    },
  };
}

function answer(request: Request): Response {
  const { pathname, origin } = new URL(request.url);
  if (pathname.startsWith('/denied/'))
    return new Response('denied', { status: 401, headers: { 'www-authenticate': 'Basic realm="packages"' } });
  if (pathname.startsWith('/forbidden/')) return new Response('forbidden', { status: 403 });
  if (pathname.startsWith('/broken/')) return new Response('broken', { status: 500 });
  const text = pages(origin)[pathname];
  if (pathname.startsWith('/npm/') && pathname.endsWith('.tgz')) return new Response(Buffer.from(npmPackage('1.0.0')));
  if (text === undefined) return new Response('not found', { status: 404 });
  const type = pathname.startsWith('/pypi/') ? 'text/html' : 'text/plain';
  return new Response(text, { headers: { 'content-type': type } });
}

/** An index of one package, tiny 1.0.0, as each kind of registry writes it. */
function pages(origin: string): Readonly<Record<string, string>> {
  const sha = 'a'.repeat(64);
  return {
    '/pypi/simple/tiny/': `<a href="tiny-1.0.0-py3-none-any.whl#sha256=${sha}">tiny-1.0.0-py3-none-any.whl</a>`,
    '/npm/tiny': npmPage('tiny', origin),
    '/npm/other': npmPage('other', origin),
    '/gems/versions': 'created_at: 2026-01-01T00:00:00Z\n---\ntiny 1.0.0 0123456789abcdef0123456789abcdef\n',
    '/gems/info/tiny': `---\n1.0.0 |checksum:${sha}\n`,
    '/crates/config.json': JSON.stringify({ dl: `${origin}/none` }),
    '/crates/ti/ny/tiny': `${JSON.stringify({ name: 'tiny', vers: '1.0.0', deps: [], cksum: sha, features: {}, yanked: false })}\n`,
    '/composer/packages.json': JSON.stringify({
      packages: {
        'tiny/tiny': {
          '1.0.0': { name: 'tiny/tiny', version: '1.0.0', dist: { type: 'zip', url: `${origin}/none/tiny.zip` } },
        },
      },
    }),
    '/cran/src/contrib/PACKAGES': 'Package: tiny\nVersion: 1.0.0\nLicense: MIT\nNeedsCompilation: no\n',
    '/go/example.com/tiny/@v/list': 'v1.0.0\n',
    '/go/example.com/tiny/@v/v1.0.0.info': '{"Version":"v1.0.0"}',
    '/go/example.com/tiny/@v/v1.0.0.mod': 'module example.com/tiny\n',
    '/go/example.com/tiny/@latest': '{"Version":"v1.0.0"}',
  };
}

function npmPage(name: string, origin: string): string {
  const tgz = npmPackage('1.0.0');
  const dist = {
    tarball: `${origin}/npm/${name}-1.0.0.tgz`,
    integrity: `sha512-${createHash('sha512').update(tgz).digest('base64')}`,
    shasum: createHash('sha1').update(tgz).digest('hex'),
  };
  const versions = { '1.0.0': { name, version: '1.0.0', dist } };
  return JSON.stringify({ name, 'dist-tags': { latest: '1.0.0' }, versions });
}
