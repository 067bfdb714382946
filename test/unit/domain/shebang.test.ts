import { expect, test } from 'bun:test';
import { parseShebang } from '#domain/shebang.ts';

const gone = { value: '', operation: 'unset' } as const;

test.each([
  ['#!/bin/sh\n', { program: '/bin/sh', name: 'sh', args: [] }],
  ['#!/bin/bash -eu\n', { program: '/bin/bash', name: 'bash', args: ['-eu'] }],
  ['#! /usr/bin/perl -w -T\n', { program: '/usr/bin/perl', name: 'perl', args: ['-w -T'] }],
  ['#!/usr/bin/env python3.9\n', { program: 'python3.9', name: 'python3.9', args: [] }],
  ['#!/usr/bin/env -S python3 -X dev\n', { program: 'python3', name: 'python3', args: ['-X', 'dev'] }],
  ['#!/usr/bin/env -Spython3 -X dev\n', { program: 'python3', name: 'python3', args: ['-X', 'dev'] }],
  ['#!/usr/bin/env --split-string=node --no-warnings\n', { program: 'node', name: 'node', args: ['--no-warnings'] }],
  [
    '#!/usr/bin/env -S A=1 ruby -r "my lib"\n',
    { program: 'ruby', name: 'ruby', args: ['-r', 'my lib'], variables: { A: '1' } },
  ],
  [
    '#!/usr/bin/env -S -v -u HOME --unset=LANG -uTZ A=b=c B= perl -T\n',
    {
      program: 'perl',
      name: 'perl',
      args: ['-T'],
      variables: { HOME: gone, LANG: gone, TZ: gone, A: 'b=c', B: '' },
    },
  ],
  ['#!/usr/bin/env -S -- lua\n', { program: 'lua', name: 'lua', args: [] }],
  ['#!/usr/bin/env -S awk -v x=1 -f\n', { program: 'awk', name: 'awk', args: ['-v', 'x=1', '-f'] }],
  [
    '#!/usr/bin/env -S A="a b" B=c#d bash\\_-x # a comment\n',
    { program: 'bash', name: 'bash', args: ['-x'], variables: { A: 'a b', B: 'c#d' } },
  ],
  [
    '#!/usr/bin/env -S "ba"\'sh\' a\\ b \'\\n\' "\\n\\_"\n',
    { program: 'bash', name: 'bash', args: ['a b', '\\n', '\n '] },
  ],
  ['#!/usr/bin/env -vS A=1 -S node\n', { program: 'node', name: 'node', args: [], variables: { A: '1' } }],
  ['#!/usr/bin/env node\r\n', { program: 'node', name: 'node', args: [] }],
  ['\ufeff#!/bin/sh\n', { program: '/bin/sh', name: 'sh', args: [] }],
])('%j', (text, expected) => {
  expect(parseShebang(`${text}the rest`)).toEqual({ variables: {}, ...expected });
});

test.each(['', 'echo hi', '# comment', '#!', '#! \n', '#!/usr/bin/env\n', ' #!/bin/sh'])(
  'names nothing: %j',
  (text) => {
    expect(parseShebang(text)).toBeUndefined();
  },
);

test.each([
  ['#!/usr/bin/env -S X=\u0024{HOME}/x bash\n', 'has \u0024{HOME}'],
  ['#!/usr/bin/env -S bash "\u0024{A}"\n', 'has \u0024{A}'],
  ['#!/usr/bin/env -S -C /tmp bash\n', 'changes the directory'],
  ['#!/usr/bin/env -S --chdir=/tmp bash\n', 'changes the directory'],
  ["#!/usr/bin/env -S bash -c '\u0024{A}'\n", undefined],
  ['#!/usr/bin/env -S bash \\\u0024{A}\n', undefined],
  ['#!/bin/bash \u0024{A}\n', undefined],
  ['#!/usr/bin/env -S -i FOO=1 python3 -u\n', 'has the option -i of env'],
  ['#!/usr/bin/env -iS bash -e\n', 'has the option -i of env'],
  ['#!/usr/bin/env -S - bash -e\n', 'has the option - of env'],
  ['#!/usr/bin/env -S --ignore-environment bash\n', 'has the option --ignore-environment of env'],
  ['#!/usr/bin/env -S -a me perl -w\n', 'has the option -a of env'],
  ['#!/usr/bin/env -S --ignore-signal=TERM bash\n', 'has the option --ignore-signal=TERM of env'],
  ['#!/usr/bin/env -S git -C /tmp\n', undefined],
  ['#!/usr/bin/env python3 -O\n', "gives env 'python3 -O', which is one word"],
  ['#!/usr/bin/env -i python3\n', "gives env '-i python3', which is one word"],
  ['#!/usr/bin/env -- lua\n', 'which is one word'],
])('what only env could do is a flaw: %j', (text, flaw) => {
  expect(parseShebang(text)?.flaw).toEqual(flaw === undefined ? undefined : expect.stringContaining(flaw));
});
