import { expect, test } from 'bun:test';
import { exampleCall } from '#cli/wiring/example-call.ts';
import type { ActionView } from '#domain/client-store.ts';

const action = (actionRef: string, properties: object, required: readonly string[] = []): ActionView => ({
  actionRef,
  label: actionRef,
  description: undefined,
  packRef: 'p',
  runtime: 'shell',
  runtimeVersion: undefined,
  parameterSchema: { type: 'object', properties, required },
  requestVariables: [],
});

test('the example is an action whose runtime is here, with values that it accepts', () => {
  const list = { numbers: { type: 'array', items: { type: 'number', minimum: 3 }, minItems: 2 } };
  expect(exampleCall([action('p.list', list, ['numbers'])], ['shell'])).toBe("p.list -p 'numbers=[3,3]'");
  expect(exampleCall([action('p.none', {})], ['shell'])).toBe('p.none');
  const chosen = { colour: { enum: ['red', 'blue'] }, name: { type: 'string', examples: ['Ann Lee'] } };
  expect(exampleCall([action('p.some', chosen, ['colour', 'name'])], ['shell'])).toBe(
    "p.some -p colour=red -p 'name=Ann Lee'",
  );
});

test('what cannot be guessed, and a runtime that is not here, is no example', () => {
  const url = { url: { type: 'string', format: 'uri' } };
  const pattern = { id: { type: 'string', pattern: '^[0-9]+$' } };
  expect(exampleCall([action('p.url', url, ['url']), action('p.id', pattern, ['id'])], ['shell'])).toBeUndefined();
  expect(exampleCall([action('p.none', {})], ['python'])).toBeUndefined();
});
