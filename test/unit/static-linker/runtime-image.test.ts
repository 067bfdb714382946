import { expect, test } from 'bun:test';
import { compile, link, source } from './sample-program.ts';

test('a symbol that nothing defines is named', () => {
  const bytes = compile(source.replace('memcmp;', 'memcmp; extern int not_in_musl(void) __attribute__((weak));'));
  const patched = Buffer.from(bytes).toString('latin1').replace('pthread_join', 'pthread_joim');
  expect(() => link(new Uint8Array(Buffer.from(patched, 'latin1')))).toThrow('pthread_joim');
});
