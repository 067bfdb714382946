import { z } from 'zod';
import { CONFINED_SCOPES, SCOPES } from '#domain/admin-store.ts';
import { isRecord } from '#domain/record.ts';
import { names, partsOf, seconds, url } from './setting-types.ts';

const LOOPBACK = /^http:\/\/(127\.0\.0\.1|localhost|\[::1\])([:/]|$)/;
const PACK = 'pack:';

/** The scopes and packs that a value of a claim gives, as the setting writes them: `read submit pack:sample`. */
function isGrant(text: string): boolean {
  const words = text.split(' ').filter((word) => word !== '');
  const scopes = words.filter((word) => !word.startsWith(PACK));
  const isConfined = scopes.length < words.length;
  const allowed: readonly string[] = isConfined ? CONFINED_SCOPES : SCOPES;
  return scopes.length > 0 && scopes.every((word) => allowed.includes(word));
}

/** A key that JavaScript puts before those that were written before it. */
const NUMBER = /^\d+$/;

/** Grants in their order: in YAML a map, or a list of maps; in the environment `ops=admin,devs=read submit`. */
const grants = z
  .preprocess(
    (given, context) => {
      const maps = typeof given === 'string' ? partsOf(given).map(mapOf) : [given].flat();
      return maps.flatMap((one) => {
        if (!isRecord(one)) return [one];
        const number = Object.keys(one).find((key) => NUMBER.test(key));
        if (number !== undefined && Object.keys(one).length > 1)
          context.addIssue(
            `a map does not keep the order of '${number}': write a list, such as - { '${number}': read }`,
          );
        return Object.entries(one);
      });
    },
    z.array(z.tuple([z.string().min(1), z.string()])),
  )
  .meta({ kind: 'map, or a list of maps; `ops=admin,devs=read submit` in the environment' });

/** The map of one grant as it is written in the environment; its value may contain an equals sign. */
function mapOf(text: string): Readonly<Record<string, string>> {
  const at = text.lastIndexOf('=');
  return { [text.slice(0, Math.max(0, at))]: text.slice(at + 1) };
}

/** The section `oidc`. */
export const oidc = z
  .strictObject({
    issuer: url('https:', 'http:')
      .refine((text) => text.startsWith('https:') || LOOPBACK.test(text), 'expected https, but for loopback')
      .optional()
      .meta({
        description: 'Address of the provider of OpenID Connect with which people log in to the page',
        unset: 'they log in with tokens alone',
      }),
    client_id: z.string().min(1).optional().describe('Name of this server at the provider'),
    client_secret: z.string().min(1).optional().meta({
      description: 'Secret of this server at the provider',
      unset: 'it is a public client, which PKCE alone protects',
    }),
    request_scopes: names
      .default(['openid', 'profile', 'email'])
      .describe('Scopes that are asked of the provider; `openid` belongs to them'),
    claim: z
      .string()
      .min(1)
      .default('groups')
      .describe('Claim whose values decide what somebody may do; dots lead into objects: `realm_access.roles`'),
    grants: grants
      .refine(
        (all) => all.every(([, text]) => isGrant(text)),
        `expected scopes (${SCOPES.join(', ')}), and pack:NAME beside ${CONFINED_SCOPES.join(' and ')} alone`,
      )
      .default([])
      .meta({
        description:
          'What values of the claim give: scopes with spaces, and `pack:NAME` to confine to packs, such as `ops: admin` and `devs: read submit pack:sample`. The first that somebody has decides; `*` is had by all whom the provider knows',
        unset: 'nobody may log in so',
      }),
    session: seconds.default(43_200).describe('Seconds after which somebody must log in again'),
  })
  .refine((one) => one.issuer === undefined || one.client_id !== undefined, {
    message: 'oidc.issuer needs it',
    path: ['client_id'],
  })
  .prefault({})
  .describe('Login with a provider of OpenID Connect.');
