import { expect, test } from 'bun:test';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { Document, Spectral } from '@stoplight/spectral-core';
import { Json } from '@stoplight/spectral-parsers';
import { oas } from '@stoplight/spectral-rulesets';
import { apiDocument } from '#test/support/api-document.ts';

const text = JSON.stringify(apiDocument);

test('Redocly finds nothing wrong with the document, nothing even to warn of', async () => {
  const config = await createConfig({ extends: ['recommended'] });
  const problems = await lintFromString({ source: text, absoluteRef: 'openapi.json', config });
  expect(problems.map((one) => `${one.ruleId} ${one.message} ${one.location[0]?.pointer}`)).toEqual([]);
}, 120_000);

test('Spectral finds nothing wrong with the document, nothing even to warn of', async () => {
  const spectral = new Spectral();
  spectral.setRuleset({ extends: [[oas, 'recommended']] } as never);
  const problems = await spectral.run(new Document(text, Json, 'openapi.json'));
  expect(problems.map((one) => `${one.code} ${one.message} ${one.path.join('/')}`)).toEqual([]);
}, 120_000);

test('every operation has a name of its own, says what it needs, and names the answers that are errors', () => {
  const operations = Object.values(apiDocument.paths ?? {}).flatMap((item) => Object.values(item as object));
  const names = operations.map((one) => String(one.operationId));
  expect(new Set(names).size).toBe(operations.length);
  expect(names.filter((name) => !/^[a-z][A-Za-z]+$/.test(name))).toEqual([]);
  const guarded = operations.filter((one) => one.security.length > 0);
  expect(guarded.filter((one) => !['401', '403', '429', '503'].every((status) => status in one.responses))).toEqual([]);
});
