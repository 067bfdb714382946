import { expect, test } from 'bun:test';
import { findCarriageReturn, LOOKED_AT } from '#execution/script/line-ends.ts';

test('the first line with an end of Windows is found', () => {
  expect(findCarriageReturn('#!/bin/sh\r\necho a\r\n')).toBe(1);
  expect(findCarriageReturn('#!/bin/sh\necho a\necho b\r\n')).toBe(3);
  expect(findCarriageReturn('#!/bin/sh\necho a\n')).toBeUndefined();
  expect(findCarriageReturn("printf 'a\\r\\n'\n")).toBeUndefined();
});

test.each([
  ['cat <<\\EOF\nGET /\r\n\r\nEOF\n', undefined],
  ["cat <<'END-1'\nGET /\r\nEND-1\n", undefined],
  ['cat <<"the end"\na\r\nthe end\n', undefined],
  ['cat <<$END\na\r\n$END\n', undefined],
  ["cat 3<<E'O'F >x\na\r\nEOF\n", undefined],
  ['cat <<-EOF\n\ta\r\n\tEOF\n', undefined],
  ['cat <<A - <<B\na\r\nA\nb\r\nB\n', undefined],
  ['x="$(cat <<"EOF"\na\r\nEOF\n)"\n', undefined],
  ['cat <<A - <<B\na\r\nA\nb\r\nB\nc\r\n', 6],
  ['read x <<<word\necho a\r\n', 2],
  ['read x <<<word\necho a\r\nword\n', 2],
  ['x=$((1<<n))\necho a\r\n', 2],
  ['x=$(( 1 << n ))\necho a\r\nn\n', 2],
  ['let x=1<<n\necho a\r\n', 2],
  ['# cat <<EOF\necho a\r\nEOF\n', 2],
  ["echo 'a <<EOF' b\necho a\r\nEOF\n", 2],
  ['echo "a <<EOF" b\necho a\r\nEOF\n', 2],
  ['cat <<EOF\necho a\r\n EOF\nEOF\r\n', 2],
])('a here-document begins where a shell begins one: %j', (script, line) => {
  expect(findCarriageReturn(`#!/bin/sh\n${script}`)).toBe(line === undefined ? undefined : line + 1);
});

test('a script of many lines or of one long line is read soon', () => {
  const many = 'x=$((1<<n)); cat <<EOF\n'.repeat(5000);
  expect(findCarriageReturn(`${many}a\r\n`)).toBe(5001);
  expect(findCarriageReturn(`cat <<${'(("<<'.repeat(20_000)}\na\r\n`)).toBe(2);
});

test('here-documents may hold what they like', () => {
  const request = "cat <<'END' | nc host 80\nGET / HTTP/1.0\r\n\r\nEND\necho done\n";
  expect(findCarriageReturn(request)).toBeUndefined();
  expect(findCarriageReturn(`${request}echo more\r\n`)).toBe(6);
});

test('of a script that is too long to be looked at whole, only what stands in its beginning is refused', () => {
  const long = 'x'.repeat(LOOKED_AT);
  expect(findCarriageReturn(`echo a\r\n${long}`)).toBe(1);
  expect(findCarriageReturn(`echo a\n${long}\necho b\r\n`)).toBeUndefined();
  expect(findCarriageReturn(`cat <<END\na\r\n${long}\nEND\n`)).toBeUndefined();
});
