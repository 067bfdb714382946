import { expect, test } from 'bun:test';
import { oidc } from '#config/oidc.ts';
import { grantOf } from '#control-plane/api/grants.ts';

const grants = [
  ['ops', 'admin'],
  ['devs', 'read submit pack:sample pack:other'],
  ['a b', 'read'],
] as const;

test('the first grant whose value somebody has decides, and grants do not add up', () => {
  const given = (claims: object) => grantOf(grants, 'groups', { ...claims });
  expect(given({ groups: ['devs', 'ops'] })).toEqual({ scopes: ['admin'], confinedTo: undefined });
  expect(given({ groups: ['a b', 'devs'] })).toEqual({
    scopes: ['submit', 'read'],
    confinedTo: { packs: ['sample', 'other'], actions: [] },
  });
  expect(given({ groups: 'a b' })).toEqual({ scopes: ['read'], confinedTo: undefined });
  for (const claims of [{}, { groups: [] }, { groups: ['op', 'OPS', 7, null] }, { groups: { ops: true } }])
    expect(given(claims)).toBeUndefined();
});

test('a claim is found by its name or by a path, and * is what everybody has', () => {
  expect(grantOf(grants, 'realm.roles', { realm: { roles: ['ops'] } })?.scopes).toEqual(['admin']);
  expect(grantOf(grants, 'https://a.example/groups', { 'https://a.example/groups': ['ops'] })?.scopes).toEqual([
    'admin',
  ]);
  expect(grantOf([...grants, ['*', 'read']], 'groups', {})?.scopes).toEqual(['read']);
  expect(grantOf([], 'groups', { groups: ['ops'] })).toBeUndefined();
});

test('a claim that the provider says it has not verified gives nothing', () => {
  const given = (claims: object, claim = 'email') =>
    grantOf([['ada@example.com', 'admin']], claim, { email: 'ada@example.com', ...claims })?.scopes;
  for (const claims of [{}, { email_verified: true }, { email_verified: 'true' }])
    expect(given(claims)).toEqual(['admin']);
  for (const email_verified of [false, 'false', null, 0, []]) expect(given({ email_verified })).toBeUndefined();
  const person = { email: 'ada@example.com', email_verified: false };
  expect(given({ person }, 'person.email')).toBeUndefined();
});

test('the grants of the settings keep their order, also where values are numbers', () => {
  const grantsOf = (given: unknown) => oidc.safeParse({ grants: given });
  const inOrder = [
    ['guests', 'read'],
    ['42', 'admin'],
    ['cn=a', 'read submit'],
  ];
  for (const given of [
    'guests=read, 42=admin, cn=a=read submit',
    [{ guests: 'read' }, { 42: 'admin' }, { 'cn=a': 'read submit' }],
  ])
    expect(grantsOf(given).data?.grants as unknown).toEqual(inOrder);
  expect(grantsOf({ 42: 'admin' }).data?.grants).toEqual([['42', 'admin']]);
  for (const mixed of [{ guests: 'read', 42: 'admin' }, [{ ops: 'admin' }, { guests: 'read', 42: 'admin' }]])
    expect(grantsOf(mixed).error?.issues[0]?.message).toStartWith("a map does not keep the order of '42'");
  for (const wrong of [{ ops: 'rule' }, { ops: 'admin pack:sample' }, [7], 'ops'])
    expect(grantsOf(wrong).success).toBe(false);
});
