import { expect, test } from 'bun:test';
import { createHmac } from 'node:crypto';
import { native } from '#domain/families.ts';
import { executionId } from '#domain/ids.ts';
import type { JoinedExecution } from '#domain/joined-execution.ts';
import type { ScriptRequest } from '#execution/script/open-script.ts';
import { withExecutionToken } from '#worker/execution-token.ts';
import { joinedVariables } from '#worker/joined-variables.ts';
import { joined } from './samples.ts';

const script: ScriptRequest = {
  program: { family: native, interpreter: { path: '/act', realPath: '/act' } },
  script: { code: '' },
  parameters: { values: {}, delivery: 'stdin', format: 'json' },
  outputFormat: 'text',
  variables: { ATTUNE_EXEC_ID: '42' },
  artifactsDirectory: undefined,
  limits: { timeoutMs: 90_000, graceMs: 0, logLimitBytes: { stdout: 1, stderr: 1 } },
};
const claimed = { execution: executionId(42), actionRef: 'demo.act', joined };

function tokenOf(given: Partial<JoinedExecution>, tokenSecret: string | undefined = 'jwt secret') {
  const masked: unknown[] = [];
  const masker = { add: (value: unknown) => masked.push(value) > 0 };
  const terms = { tokenSecret, clock: { now: () => 1_700_000_000_900 }, masker };
  const { variables } = withExecutionToken(script, { ...claimed, joined: { ...joined, ...given } }, terms);
  const token = variables['ATTUNE_API_TOKEN'];
  expect(masked).toEqual(token === undefined ? [] : [token]);
  return token;
}

function claimsOf(token: string | undefined, secret = 'jwt secret'): unknown {
  const [header = '', claims = '', signature] = (token ?? '').split('.');
  expect(signature).toBe(createHmac('sha256', secret).update(`${header}.${claims}`).digest('base64url'));
  expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toEqual({ alg: 'HS256', typ: 'JWT' });
  return JSON.parse(Buffer.from(claims, 'base64url').toString());
}

test("an execution gets a token with the claims that the API of Attune's Rust control plane reads", () => {
  expect(claimsOf(tokenOf({}))).toEqual({
    sub: '12',
    login: 'execution:42',
    iat: 1_700_000_000,
    exp: 1_700_000_000 + 90 + 60,
    token_type: 'execution',
    scope: 'execution',
    metadata: {
      execution_id: 42,
      action_ref: 'demo.act',
      permission_set_refs: ['standard', 'demo.reader'],
      standard_access_action_refs: ['demo.act', 'other.flow'],
      standard_access_pack_refs: ['demo', 'other'],
    },
  });
  expect(claimsOf(tokenOf({ identity: undefined, workflowRef: undefined }))).toMatchObject({
    sub: '1',
    metadata: { standard_access_action_refs: ['demo.act'], standard_access_pack_refs: ['demo'] },
  });
});

test('without permission sets or without a secret there is no token', () => {
  expect(tokenOf({ permissionSets: [] })).toBeUndefined();
  const masker = { add: () => true };
  expect(withExecutionToken(script, claimed, { tokenSecret: undefined, clock: { now: () => 0 }, masker })).toBe(script);
});

test('variables say which rule and trigger, and what the context holds', () => {
  const context = {
    user: "it's",
    count: 3,
    on: true,
    none: null,
    list: [1, { a: 2 }],
    'with-dash': 'x',
    'a=b': 'left out',
  };
  expect(joinedVariables(joined, { context })).toEqual({
    ATTUNE_RULE: 'demo.on_push',
    ATTUNE_TRIGGER: 'core.webhook',
    ATTUNE_CONTEXT_USER: "it's",
    ATTUNE_CONTEXT_COUNT: '3',
    ATTUNE_CONTEXT_ON: 'true',
    ATTUNE_CONTEXT_NONE: 'null',
    ATTUNE_CONTEXT_LIST: '[1,{"a":2}]',
    'ATTUNE_CONTEXT_WITH-DASH': 'x',
  });
  for (const context of ['text', [1], null, undefined])
    expect(joinedVariables({ ...joined, rule: undefined, trigger: undefined }, { context })).toEqual({});
});
