import { expect, test } from 'bun:test';
import { findCarriageReturn } from '#execution/script/line-ends.ts';

test('the first line with an end of Windows is found', () => {
  expect(findCarriageReturn('#!/bin/sh\r\necho a\r\n')).toBe(1);
  expect(findCarriageReturn('#!/bin/sh\necho a\necho b\r\n')).toBe(3);
  expect(findCarriageReturn('#!/bin/sh\necho a\n')).toBeUndefined();
  expect(findCarriageReturn("printf 'a\\r\\n'\n")).toBeUndefined();
});

test('here-documents may hold what they like', () => {
  const request = "cat <<'END' | nc host 80\nGET / HTTP/1.0\r\n\r\nEND\necho done\n";
  expect(findCarriageReturn(request)).toBeUndefined();
  expect(findCarriageReturn(`${request}echo more\r\n`)).toBe(6);
});
