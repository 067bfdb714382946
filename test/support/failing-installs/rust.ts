import type { RefusingServer } from '#test/support/refusing-server.ts';
import { type FailingInstall, NOWHERE } from './failing-install.ts';

type Case = readonly [why: string, dependencies: string, registry: string, more?: FailingInstall['files']];

export function rust({ url, untrusted }: RefusingServer): readonly FailingInstall[] {
  const make = ([why, dependencies, registry, more = {}]: Case): FailingInstall => ({
    ...{ tool: 'cargo', why, family: 'rust' },
    files: {
      'Cargo.toml': `[package]\nname = "demo"\nversion = "1.0.0"\nedition = "2021"\n\n[[bin]]\nname = "a"\npath = "actions/a.rs"\n\n[dependencies]\n${dependencies}`,
      '.cargo/config.toml': `[source.crates-io]\nreplace-with = "mirror"\n\n[source.mirror]\nregistry = "sparse+${registry}/"\n\n[unstable]\nsparse-registry = true\n`,
      ...more,
    },
    env: { CARGO_NET_RETRY: '0' },
  });
  const tiny = 'tiny = "1.0.0"\n';
  const cases: readonly Case[] = [
    ['no network', tiny, NOWHERE],
    ['no such host', tiny, 'http://no-such-host.invalid'],
    ['untrusted certificate', tiny, `${untrusted}/crates`],
    ['authentication', tiny, `${url}/denied`],
    ['no such version', 'tiny = "2.0.0"\n', `${url}/crates`],
    ['no such crate', 'nowhere = "1.0.0"\n', `${url}/crates`],
    ['not there', tiny, `${url}/crates`],
    [
      'lock out of step',
      'tiny = { path = "vendor/tiny" }\n',
      `${url}/crates`,
      {
        'Cargo.lock': 'version = 3\n\n[[package]]\nname = "demo"\nversion = "1.0.0"\n',
        'vendor/tiny/Cargo.toml': '[package]\nname = "tiny"\nversion = "1.0.0"\nedition = "2021"\n',
        'vendor/tiny/src/lib.rs': '',
      },
    ],
    [
      'a build script that panics',
      'tiny = { path = "vendor/tiny" }\n',
      `${url}/crates`,
      {
        'vendor/tiny/Cargo.toml': '[package]\nname = "tiny"\nversion = "1.0.0"\nedition = "2021"\nbuild = "build.rs"\n',
        'vendor/tiny/build.rs': 'fn main() { panic!("libfoo was not found:\\n  install libfoo-dev"); }\n',
        'vendor/tiny/src/lib.rs': '',
      },
    ],
    ['no linker', '', `${url}/crates`, { '.cargo/config.toml': '[build]\nrustflags = ["-Clinker=no-such-cc"]\n' }],
    ['code that does not compile', '', `${url}/crates`, { 'actions/a.rs': 'fn main() { let x: i32 = "x"; }\n' }],
    ['a manifest that is broken', 'tiny = \n', `${url}/crates`],
    [
      'a newer edition',
      '',
      `${url}/crates`,
      {
        'Cargo.toml':
          '[package]\nname = "demo"\nversion = "1.0.0"\nedition = "2024"\n\n[[bin]]\nname = "a"\npath = "actions/a.rs"\n',
      },
    ],
  ];
  return cases.map(make);
}
