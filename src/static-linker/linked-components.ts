import { Enums, Models } from '@cyclonedx/cyclonedx-library';
import type { ToolchainVersions } from './toolchain.ts';

const { Component, ExternalReference, LicenseExpression, SpdxLicense } = Models;

/**
 * The libraries that Bun is linked with: the name that `process.versions` has for each, the usual one, and the licence.
 * Bun tells the commit of most of them, and no version of those whose name is empty. A version that is written here is the one
 * that the bytes of the file say, and a test compares it with them. The crates of Rust that it is
 * compiled from, and the polyfills that it gives to browsers, it does not tell at all.
 */
const bundled: readonly (readonly [key: string, name: string, licence: string, version?: string])[] = [
  ['webkit', 'JavaScriptCore', 'LGPL-2.1-or-later'],
  ['boringssl', 'BoringSSL', 'Apache-2.0 AND ISC'],
  ['sqlite', 'SQLite', 'blessing'],
  ['icu', 'ICU', 'Unicode-3.0'],
  ['zstd', 'zstd', 'BSD-3-Clause'],
  ['', 'brotli', 'MIT'],
  ['zlib', 'zlib-ng', 'Zlib'],
  ['libdeflate', 'libdeflate', 'MIT'],
  ['libarchive', 'libarchive', 'BSD-2-Clause'],
  ['ares', 'c-ares', 'MIT'],
  ['mimalloc', 'mimalloc', 'MIT'],
  ['lolhtml', 'lol-html', 'BSD-3-Clause'],
  ['uwebsockets', 'uWebSockets', 'Apache-2.0'],
  ['usockets', 'uSockets', 'Apache-2.0'],
  ['lshpack', 'ls-hpack', 'MIT'],
  ['picohttpparser', 'picohttpparser', 'MIT'],
  ['llhttp', 'llhttp', 'MIT'],
  ['tinycc', 'TinyCC', 'LGPL-2.1-or-later'],
  ['', 'libjpeg-turbo', 'IJG AND BSD-3-Clause AND Zlib', '3.2.0'],
  ['', 'libspng', 'BSD-2-Clause'],
  ['', 'libwebp', 'BSD-3-Clause'],
  ['', 'lsquic', 'MIT'],
  ['', 'ls-qpack', 'MIT'],
  ['', 'simdutf', 'Apache-2.0 OR MIT'],
  ['', 'Highway', 'Apache-2.0 OR BSD-3-Clause'],
  ['', 'HdrHistogram_c', 'BSD-2-Clause OR CC0-1.0'],
  ['', 'acorn', 'MIT', '8.16.0'],
];

/** Where the source of Bun pins the libraries of which neither Bun nor the bytes of the file tell a version. */
const pinnedBy: Readonly<Record<string, string>> = {
  brotli: pinnedInBun('brotli'),
  libspng: pinnedInBun('libspng'),
  libwebp: pinnedInBun('libwebp'),
  lsquic: pinnedInBun('lsquic'),
  'ls-qpack': pinnedInBun('lsqpack'),
  simdutf: `https://github.com/oven-sh/WebKit/tree/${told('webkit')}/Source/WTF/wtf/simdutf`,
  Highway: pinnedInBun('highway'),
  HdrHistogram_c: pinnedInBun('hdrhistogram'),
};

/** What `process.versions` names besides: Bun itself, what it stands in for, tables, and what it is not linked with. */
export const otherVersions: readonly string[] = [
  ...['node', 'bun', 'openssl', 'zig', 'v8', 'uv', 'napi', 'unicode', 'typescript', 'modules'],
];

/** The keys of `process.versions` that have a component of their own. */
export const versionedKeys: readonly string[] = bundled.map(([key]) => key).filter((key) => key !== '');

/** What the package jq-wasm is compiled from; it tells no version of Oniguruma. */
const IN_JQ_WASM = { jq: '1.7.1', oniguruma: undefined };

/** What the linker adds, and what Bun consists of, each with its version. */
export function linkedComponents({ musl, gcc }: ToolchainVersions): readonly Models.Component[] {
  const runtime = 'GPL-3.0-or-later WITH GCC-exception-3.1';
  const bun = platform('bun', 'MIT', Bun.version);
  const inBun = bundled.map(([key, name, licence, version]) => platform(name, licence, version ?? told(key)));
  for (const one of inBun) bun.dependencies.add(one.bomRef);
  return [
    bun,
    ...inBun,
    platform('jq', 'MIT', IN_JQ_WASM.jq),
    platform('Oniguruma', 'BSD-2-Clause', IN_JQ_WASM.oniguruma),
    platform('musl', 'MIT', musl),
    platform('libstdc++', runtime, gcc),
    platform('libgcc', runtime, gcc),
  ];
}

function told(key: string): string | undefined {
  return (process.versions as Readonly<Record<string, string | undefined>>)[key];
}

/** The file of the source of this Bun, at its commit, that says what it takes of a library. */
function pinnedInBun(library: string): string {
  return `https://github.com/oven-sh/bun/blob/${Bun.revision}/scripts/build/deps/${library}.ts`;
}

function platform(name: string, licence: string, version: string | undefined): Models.Component {
  const isOne = !licence.includes(' ');
  const pinned = pinnedBy[name];
  const comment = 'NOASSERTION: no version is told; what is here was pinned there';
  const { BuildMeta } = Enums.ExternalReferenceType;
  return new Component(Enums.ComponentType.Platform, name, {
    bomRef: name,
    licenses: new Models.LicenseRepository([isOne ? new SpdxLicense(licence) : new LicenseExpression(licence)]),
    ...(version !== undefined && { version }),
    externalReferences: new Models.ExternalReferenceRepository(
      pinned === undefined ? [] : [new ExternalReference(pinned, BuildMeta, { comment })],
    ),
  });
}
