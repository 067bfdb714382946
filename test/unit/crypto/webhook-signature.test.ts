import { expect, test } from 'bun:test';
import { Webhook } from 'standardwebhooks';
import { createWebhookSecret, signWebhook } from '#crypto/webhook-signature.ts';

test('a signature is that of the example of the specification', () => {
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  const message = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', at: 1614265330, body: '{"test": 2432232314}' };
  expect(signWebhook(secret, message)).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
});

test('secrets differ, and a library of the specification signs alike', () => {
  const [secret, other] = [createWebhookSecret(), createWebhookSecret()];
  const at = 1_700_000_000;
  expect(secret).not.toBe(other);
  expect(signWebhook(secret, { id: 'msg_ü', at, body: '{"ä":1}' })).toBe(
    new Webhook(secret).sign('msg_ü', new Date(at * 1000), '{"ä":1}'),
  );
});
