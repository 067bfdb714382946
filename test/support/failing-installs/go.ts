import type { RefusingServer } from '#test/support/refusing-server.ts';
import { type FailingInstall, NOWHERE } from './failing-install.ts';

type Case = readonly [why: string, mod: string, proxy: string, more?: FailingInstall['files']];

export function go({ url, untrusted }: RefusingServer): readonly FailingInstall[] {
  const make = ([why, mod, proxy, more = {}]: Case): FailingInstall => ({
    ...{ tool: 'go', why, family: 'go', files: { 'go.mod': `module example.com/demo\n\ngo 1.17\n${mod}`, ...more } },
    env: { GOPROXY: proxy, GONOSUMDB: '*' },
  });
  const tiny = '\nrequire example.com/tiny v1.0.0\n';
  const sumOf = (version: string): string =>
    `example.com/tiny ${version} h1:${'A'.repeat(43)}=\nexample.com/tiny ${version}/go.mod h1:${'A'.repeat(43)}=\n`;
  const sum = sumOf('v1.0.0');
  const cases: readonly Case[] = [
    ['nothing in go.sum', tiny, `${url}/go`],
    ['another checksum', tiny, `${url}/go`, { 'go.sum': sum }],
    ['no network', tiny, NOWHERE, { 'go.sum': sum }],
    ['no such host', tiny, 'http://no-such-host.invalid', { 'go.sum': sum }],
    ['untrusted certificate', tiny, `${untrusted}/go`, { 'go.sum': sum }],
    ['authentication', tiny, `${url}/denied`, { 'go.sum': sum }],
    [
      'no such version',
      '\nrequire example.com/tiny v2.0.0+incompatible\n',
      `${url}/go`,
      { 'go.sum': sumOf('v2.0.0+incompatible') },
    ],
    ['not in go.mod', '', `${url}/go`],
    ['offline', tiny, 'off', { 'go.sum': sum }],
    [
      'vendor out of step',
      tiny,
      `${url}/go`,
      {
        'vendor/modules.txt': '# example.com/tiny v0.9.0\n## explicit\nexample.com/tiny\n',
        'vendor/example.com/tiny/tiny.go': 'package tiny\n',
      },
    ],
    ['code that does not compile', '', `${url}/go`, { 'actions/a.go': 'package main\n\nfunc main() { x := 1 }\n' }],
    ['a script of another package', '', `${url}/go`, { 'actions/a.go': 'package other\n\nfunc F() {}\n' }],
    [
      'cgo without its header',
      '',
      `${url}/go`,
      {
        'actions/a.go': 'package main\n\n// #include <no-such-library.h>\nimport "C"\n\nfunc main() { C.f() }\n',
      },
    ],
  ];
  return cases.map(make);
}
