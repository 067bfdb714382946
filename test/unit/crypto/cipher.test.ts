import { expect, test } from 'bun:test';
import { randomBytes } from 'node:crypto';
import { createCiphers } from '#crypto/cipher.ts';
import type { Place } from '#domain/cipher.ts';

const PLACE: Place = ['key', 'value', 'pack.a.token', 'pack', 'a', 'token'];
const salt = async (): Promise<string> => 'a salt';
const passphrase = 'correct horse battery staple';

test.each([passphrase, randomBytes(32).toString('base64url'), randomBytes(32).toString('hex')])(
  'a value opens in its own place and in no other: with the secret %s',
  async (secret) => {
    const cipher = await createCiphers(secret).own(salt);
    const value = cipher.encrypt('"hidden"', PLACE);
    expect((await createCiphers(secret).own(salt)).decrypt(value, PLACE)).toBe('"hidden"');
    const others: readonly Place[] = [
      ['key', 'value', 'pack.a.other', 'pack', 'a', 'token'],
      ['key', 'value', 'pack.a.token', 'action', 'a', 'token'],
      ['key', 'value', 'pack.a.token', 'pack', 'b', 'token'],
      ['key', 'value', 'pack.a.token', 'pack', null, 'token'],
      ['key', 'value', 'pack.a.token', 'pack', 'a', 'other'],
      ['key', 'value', 'pack.a.token","pack', 'a', 'token'],
      ['execution_secret_value', 'value', '1', '/a'],
    ];
    for (const other of others) expect(() => cipher.decrypt(value, other)).toThrow();
    for (const altered of [value.slice(2), `3:${value.slice(2)}`, `2:${value.slice(6)}`])
      expect(() => cipher.decrypt(altered, PLACE)).toThrow();
  },
);

test('a passphrase is stretched with the salt of the database, and a random key needs none', async () => {
  const [one, other] = await Promise.all(['1', '2'].map((given) => createCiphers(passphrase).own(async () => given)));
  const value = one?.encrypt('"hidden"', PLACE) ?? '';
  expect(() => other?.decrypt(value, PLACE)).toThrow();
  expect(one?.keyHash).not.toBe(other?.keyHash ?? '');
  const never = async (): Promise<string> => await Promise.reject(new Error('asked for the salt'));
  const random = await createCiphers(randomBytes(32).toString('hex')).own(never);
  expect(random.decrypt(random.encrypt('"a"', PLACE), PLACE)).toBe('"a"');
  const ciphers = createCiphers(passphrase);
  await expect(ciphers.own(never)).rejects.toThrow('asked for the salt');
  expect((await ciphers.own(salt)).keyHash).toHaveLength(64);
});

test('what stands beside a value tells nothing that is quicker to guess than the value', async () => {
  const { joined, own } = createCiphers(passphrase);
  const cipher = await own(salt);
  expect(joined.isKeyOf(cipher.keyHash)).toBe(false);
  expect(cipher.isKeyOf(joined.keyHash)).toBe(true);
});

test("values in the format of Attune's Rust control plane are read anywhere", async () => {
  const { joined, own } = createCiphers(passphrase);
  const old = joined.encrypt('"old"', PLACE);
  expect((await own(salt)).decrypt(old, PLACE)).toBe('"old"');
  expect((await own(salt)).decrypt(old, ['key', 'value'])).toBe('"old"');
  const other = await createCiphers('another').own(salt);
  expect(() => other.decrypt(old, PLACE)).toThrow();
});
