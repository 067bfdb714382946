import { existsSync } from 'node:fs';
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { z } from 'zod';
import { withHostParameters } from '#domain/host-parameters.ts';
import { TAINT_EFFECTS } from '#domain/worker.ts';
import { mayHidePassword } from './url-secrets.ts';

/* The types of settings. `kind` says in words what the documentation cannot tell from a schema. */

/** A list of names: in YAML a list, in the environment comma-separated. An empty list is a value too. */
export const names = z
  .union([z.array(z.string()), z.string().transform(partsOf)])
  .meta({ kind: 'list of names; comma-separated in the environment' });

/** A list of addresses and networks, such as 10.0.0.0/8. */
export const networks = names
  .refine((all) => all.every(isNetwork), 'expected addresses or networks such as 10.0.0.0/8')
  .meta({ kind: 'list of addresses or networks; comma-separated in the environment' });

function isNetwork(text: string): boolean {
  const [address = '', bits] = text.split('/');
  const most = isIP(address) === 6 ? 128 : 32;
  return isIP(address) !== 0 && (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most));
}

/** Labels: in YAML a map, in the environment `zone=a,gpu=yes`. */
export const labels = z
  .preprocess(
    (value, context) => {
      if (typeof value !== 'string') return value;
      const pairs = partsOf(value);
      for (const pair of pairs) if (pair.indexOf('=') < 1) context.addIssue(`'${pair}': expected key=value`);
      return Object.fromEntries(
        pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
      );
    },
    z.record(z.string(), z.coerce.string()),
  )
  .meta({ kind: 'map; `zone=a,gpu=yes` in the environment' });

const taint = z.strictObject({
  key: z.string().min(1),
  value: z.coerce
    .string()
    .nullish()
    .transform((value) => value ?? ''),
  effect: z.enum(TAINT_EFFECTS),
});

/** Taints: in YAML a list, in the environment `dedicated=ml:no_schedule,…`. */
export const taints = z
  .preprocess((value, context) => {
    if (typeof value !== 'string') return value;
    return partsOf(value).flatMap((one) => {
      const [, key = '', text = '', effect] = /^([^=:]+)(?:=([^:]*))?:(.+)$/.exec(one) ?? [];
      const parsed = taint.safeParse({ key, value: text, effect });
      if (parsed.success) return [parsed.data];
      context.addIssue(`'${one}': expected ${TAINT_EFFECTS.map((name) => `key=value:${name}`).join(' or ')}`);
      return [];
    });
  }, z.array(taint))
  .meta({
    kind: `list of maps with key, value and effect (${TAINT_EFFECTS.join(' or ')}); \`dedicated=ml:no_schedule\` in the environment`,
  });

/** The parts of a text with commas, without those that are empty. */
export function partsOf(text: string): readonly string[] {
  return text.split(',').flatMap((part) => (part.trim() === '' ? [] : [part.trim()]));
}

const ENCODED = 'in a password, write @ as %40, / as %2F, # as %23, ? as %3F';

/** A URL with one of the protocols, each with its colon: `postgres:`. */
export function url(...protocols: readonly string[]): z.ZodType<string> {
  const beginnings = protocols.map((protocol) => `${protocol}//`).join(' or ');
  return z
    .string()
    .refine((text) => !mayHidePassword(text), {
      message: `an @ stands behind its host, as in a password that is not encoded: ${ENCODED}, and @ as %40 wherever it stands`,
      abort: true,
    })
    .transform(withHostParameters)
    .refine((text) => URL.canParse(text) && protocols.some((one) => text.toLowerCase().startsWith(`${one}//`)), {
      message: `expected a URL that begins with ${beginnings}${protocols.includes('amqp:') ? ' and has one host (a name that leads to every broker of a cluster)' : ''}; ${ENCODED}`,
    })
    .refine((text) => !URL.canParse(text) || hasReadablePassword(new URL(text)), {
      message: 'its user or password has a % without two hexadecimal digits behind it: write % as %25',
    })
    .meta({ kind: `URL that begins with ${beginnings}` });
}

function hasReadablePassword({ username, password }: URL): boolean {
  try {
    decodeURIComponent(username + password);
    return true;
  } catch {
    return false;
  }
}

/** A number of seconds, more than none and at most a year. */
export const seconds = z.coerce.number().positive().max(31_536_000);

export const bytes = z.coerce.number().int().positive();

/** A truth value; in the environment also `1`, `yes` or `on`, and their opposites. */
export const flag = z.union([z.boolean(), z.stringbool()]).meta({ kind: 'true or false' });

export const absolutePath = z.string().startsWith('/', 'expected an absolute path').meta({ kind: 'absolute path' });

/** A path, which becomes absolute: it is relative to the working directory of the program. */
export const anyPath = z
  .string()
  .min(1)
  .transform((path) => resolve(path))
  .meta({ kind: 'path' });

export const existingFile = absolutePath
  .refine((path) => existsSync(path), { message: 'there is no such file' })
  .meta({ kind: 'absolute path of a file' });

/** A secret that is long enough not to be guessed. */
export const secret = z.string().min(16, 'expected 16 characters at least');
