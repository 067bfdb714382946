import { expect, test } from 'bun:test';
import { mainClassOf } from '#execution/environments/recipes/java-class.ts';

const MEBIBYTE = 1024 * 1024;

test.each([
  ['class Plain {}', 'Plain'],
  ['package a.b.c;\nimport x.y;\npublic final class InPackage {}', 'a.b.c.InPackage'],
  ['/* class Comment */ // class Line\nrecord Point(int x) {}', 'Point'],
  ['package /* of */ a ;\npublic class /* named */ Apart\n{}', 'a.Apart'],
  ['@A("class Text") @B(\'"\') @C(D.class) enum Kind { X }', 'Kind'],
  ['@Text("""\n  class Block { "quoted" }\n  """) interface I {}', 'I'],
  ['@interface Mark {}\nclass Later {}', 'Mark'],
  ['class Größe<T> {}', 'Größe'],
  ['void main() {}', 'File'],
  ['package a;\nvoid main() {}', 'a.File'],
])('the launcher of Java starts the first class of %j', (code, name) => {
  expect(mainClassOf(code, 'File')).toBe(name);
});

/* Each of these took minutes, and nothing else had its turn: its time grew with the square of the text. */
test.each([
  ['empty lines', '\n'.repeat(MEBIBYTE)],
  ['comments without an end', '/* '.repeat(MEBIBYTE / 3)],
  ['blanks', ' \t'.repeat(MEBIBYTE)],
  ['texts without an end', '"""'.repeat(MEBIBYTE / 3)],
])('a megabyte of %s keeps nobody waiting for the name of a class', (_, text) => {
  expect(mainClassOf(text, 'File')).toBe('File');
  expect(mainClassOf(`class First {}${text}`, 'File')).toBe('First');
});
