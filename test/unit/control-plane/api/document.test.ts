import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { Document, Spectral } from '@stoplight/spectral-core';
import { Json } from '@stoplight/spectral-parsers';
import { oas } from '@stoplight/spectral-rulesets';
import { type ProblemCode, STATUS_OF } from '#control-plane/api/problem.ts';
import { WORKER_EXAMPLES } from '#control-plane/api/worker-examples.ts';
import { apiDocument } from '#test/support/api-document.ts';
import { projectRoot } from '#test/support/project.ts';
import { workerCalls } from '#wire/worker-calls.ts';

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

interface Described {
  readonly operationId: string;
  readonly responses: Readonly<Record<string, { readonly $ref?: string }>>;
}

/** The codes of problems by status that the document names for an operation. */
function codesOf({ responses }: Described): Readonly<Record<string, readonly ProblemCode[]>> {
  const answers = apiDocument.components?.responses as Readonly<Record<string, unknown>>;
  const codes = Object.entries(responses).flatMap(([status, { $ref = '' }]) => {
    const answer = JSON.stringify(answers[$ref.replace('#/components/responses/', '')] ?? {});
    const [, names] = /"enum":(\[[^\]]*\])/.exec(answer) ?? [];
    return names === undefined ? [] : [[status, JSON.parse(names)]];
  });
  return Object.fromEntries(codes);
}

test('each operation names the codes of its problems by their status, and together they name all that there are', () => {
  const all = Object.values(apiDocument.paths ?? {}).flatMap((item) => Object.values(item as object)) as Described[];
  const named = all.flatMap((one) => Object.entries(codesOf(one)));
  for (const [status, codes] of named)
    expect(codes.map((code) => `${code} ${STATUS_OF[code]}`)).toEqual(codes.map((code) => `${code} ${status}`));
  const known = new Set(named.flatMap(([, codes]) => codes));
  expect((Object.keys(STATUS_OF) as ProblemCode[]).filter((code) => !known.has(code))).toEqual(['method-not-allowed']);
  const request = all.find((one) => one.operationId === 'requestExecution');
  expect(request && codesOf(request)).toMatchObject({
    403: ['missing-scope', 'callbacks-not-allowed'],
    404: ['action-not-found'],
    409: ['no-callback-secret', 'idempotency-conflict'],
    422: ['address-refused', 'invalid-parameters', 'invalid-runtime'],
    503: ['database-unavailable', 'not-configured'],
  });
});

test('every operation has an example of what is sent and of what comes back', () => {
  const schemas = apiDocument.components?.schemas as Readonly<Record<string, unknown>>;
  const hasExample = (content: unknown): boolean => {
    const json = JSON.stringify(content);
    const inside = [...json.matchAll(/#\/components\/schemas\/(\w+)/g)].map(([, name = '']) => schemas[name]);
    return json.includes('"example') || inside.some(hasExample);
  };
  const lacking = Object.entries(apiDocument.paths ?? {})
    .flatMap(([, item]) => Object.values(item as object))
    .flatMap(({ operationId, requestBody, responses }) => {
      const answers = Object.entries(responses as object).filter(([status]) => status.startsWith('2'));
      const all = [requestBody, ...answers.map(([, one]) => one)].map((one) => one?.content?.['application/json']);
      return all.some((one) => one !== undefined && !hasExample(one)) ? [operationId] : [];
    });
  expect(lacking).toEqual([]);
});

test('the protocol lists every code of a problem behind its status', () => {
  const protocol = readFileSync(join(projectRoot, 'docs/protocol.md'), 'utf8');
  const listed = [...protocol.matchAll(/^\| (\d{3}) \| (`[a-z-]+`(?:, `[a-z-]+`)*) \|$/gm)].flatMap(
    ([, status, codes = '']) => codes.split(', ').map((code) => `${status} ${code.slice(1, -1)}`),
  );
  expect(listed.toSorted()).toEqual(
    Object.entries(STATUS_OF)
      .map(([code, status]) => `${status} ${code}`)
      .toSorted(),
  );
});

test('the examples of the calls of workers are what the calls take and answer', () => {
  for (const name of Object.keys(workerCalls) as (keyof typeof workerCalls)[]) {
    const { request, reply } = WORKER_EXAMPLES[name];
    expect([name, workerCalls[name].request.safeParse(request).error]).toEqual([name, undefined]);
    expect([name, workerCalls[name].reply.safeParse(reply).error]).toEqual([name, undefined]);
  }
});
