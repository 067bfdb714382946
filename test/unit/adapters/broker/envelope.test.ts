import { expect, test } from 'bun:test';
import { readMessage } from '#adapters/broker/envelope.ts';

test('a message larger than any that is meant is refused before it is read', () => {
  const message = (size: number): Uint8Array =>
    Buffer.from(JSON.stringify({ message_type: 'PackRegistered', payload: { pack_ref: 'p', more: 'x'.repeat(size) } }));
  expect(readMessage(message(3 * 1024 * 1024))).toEqual({ ok: true, value: { kind: 'pack-changed', packRef: 'p' } });
  expect(readMessage(message(4 * 1024 * 1024))).toEqual({ ok: false, error: 'larger than 4194304 bytes' });
});

test('a message that has a key twice is refused', () => {
  const text =
    '{"message_type":"ExecutionCancelRequested","version":"1.0","payload":{"execution_id":1,"execution_id":2}}';
  expect(readMessage(Buffer.from(text))).toEqual({
    ok: false,
    error: 'no JSON: the key "execution_id" is there twice in payload',
  });
});
