import { expect, test } from 'bun:test';
import { answerReview } from '#webhook/review.ts';
import { aPod, settings } from './a-pod.ts';

const reviewed = (object: unknown, request: object = {}) => {
  const resource = { group: '', version: 'v1', resource: 'pods' };
  const review = {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: { uid: '1', operation: 'CREATE', namespace: 'team', resource, object, ...request },
  };
  return answerReview(Buffer.from(JSON.stringify(review)), settings);
};

test('what is logged and answered of a review is short, however long what it names is', () => {
  const long = 'x'.repeat(500_000);
  const pod = aPod({ annotations: { 'attune.io/sidecar': long }, container: { name: long } });
  const named = { ...pod, metadata: { ...pod.metadata, name: long } };
  const found = reviewed(named, { namespace: long });
  if (!found.ok) throw new Error(found.error);
  const { answer, ...logged } = found.value;
  expect(JSON.stringify(logged).length).toBeLessThan(5000);
  expect(JSON.stringify(answer).length).toBeLessThan(5000);
  const taken = Array.from({ length: 5000 }, () => ({ name: 'attune-work' }));
  const many = reviewed(aPod({ spec: { volumes: taken } }));
  expect(many.ok && many.value.warnings.length).toBe(15);
  expect(many.ok && many.value.answer.response.warnings).toEqual(many.ok ? many.value.warnings : []);
  const refused = reviewed(pod, { uid: long });
  expect(!refused.ok && refused.error.length).toBeLessThan(257);
});
