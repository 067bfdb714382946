import { expect, test } from 'bun:test';
import { hideUserInfo, withoutUserInfo } from '#execution/masking/user-info.ts';
import { masked } from './masked.ts';

test('of a secret that is a URL, user and password are masked by themselves, as written and decoded', async () => {
  const url = 'https://deploy:p%40ss-w%2Frd9@registry.example/simple/';
  expect(await masked([url], ['user deploy:p@ss-w/rd9 and p%40ss-w%2Frd9 and p@ss-w/rd9 of registry.example'])).toBe(
    'user *** and *** and *** of registry.example',
  );
  expect(await masked(['amqp://guest:guest@host'], ['guest, be my guest: guest:guest'])).toBe(
    'guest, be my guest: ***',
  );
});

test('URLs of any output lose what stands before the @', () => {
  expect(withoutUserInfo('Looking in https://u:tok-1@a.example/x, git+ssh://git@b.example and mail to a@b.c')).toBe(
    'Looking in https://***@a.example/x, git+ssh://***@b.example and mail to a@b.c',
  );
});

test('wherever chunks divide the output', async () => {
  const text = 'é Looking in https://user:token@a.example/x\rdone\nno end';
  for (let at = 0; at <= Buffer.byteLength(text); at++) {
    const parts: Uint8Array[] = [];
    const shown = hideUserInfo((bytes) => void parts.push(bytes));
    const bytes = Buffer.from(text);
    await shown.write(bytes.subarray(0, at));
    await shown.write(bytes.subarray(at));
    await shown.close();
    expect(Buffer.concat(parts).toString()).toBe(text.replace('user:token', '***'));
  }
});
