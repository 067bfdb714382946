import { nearest } from '#domain/nearest.ts';
import { cut } from './cut.ts';
import type { Pod } from './pod.ts';
import type { Way } from './settings.ts';

const PREFIX = 'attune.io/';
const ASK = `${PREFIX}inject`;
/** The annotation of a Pod that has been made a worker. */
export const INJECTED = `${PREFIX}injected`;

/** Characters of a value; longer ones are not looked at. */
const LONGEST = 4096;
/** Characters of names and values that a warning repeats. */
const SHOWN = 80;
/** Annotations that mean nothing of which each has a warning. */
const MOST_UNKNOWN = 5;

interface Format {
  readonly fits: (value: string) => boolean;
  readonly expected: string;
}

const like = (pattern: RegExp, expected: string): Format => ({ fits: (value) => pattern.test(value), expected });
const NAME = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;
const TRUTH = like(/^(true|false)$/, 'true or false');

/** The annotations that a Pod may have, each with what its value must be. */
const formats = {
  inject: TRUTH,
  injected: TRUTH,
  container: like(NAME, 'the name of a container'),
  sidecar: TRUTH,
  agent: like(/^(init|image)$/, 'init or image'),
  secret: like(NAME, 'the name of a Secret'),
  'api-url': { fits: isAddress, expected: 'an address that begins with http:// or https://' },
  labels: like(/^[^=,\s][^=,]*=[^,]*(,[^=,\s][^=,]*=[^,]*)*$/, 'key=value, with commas between several'),
  runtimes: like(/^[\w+.-]+(,[\w+.-]+)*$/, 'names of runtimes, with commas between several'),
} as const;
type Wish = keyof typeof formats;

/** What a Pod asks for. */
export interface Wishes {
  readonly container: string | undefined;
  readonly isSidecar: boolean;
  readonly way: Way | undefined;
  readonly secret: string | undefined;
  readonly apiUrl: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly runtimes: string | undefined;
}

/** Whether a Pod asks to be made a worker, by annotation or label. A text: it says so in a way that is not understood. */
export function isAskedFor({ metadata }: Pod): boolean | string {
  const said = [metadata.annotations?.[ASK], metadata.labels?.[ASK]].flatMap((one) => one ?? []);
  const unclear = said.find((one) => !TRUTH.fits(one));
  if (unclear !== undefined) return describeFlaw('inject', unclear);
  if (new Set(said).size > 1) return `the annotation ${ASK} says '${said[0]}', the label '${said[1]}'`;
  return said[0] === 'true';
}

/** Reads the annotations of a Pod. `flaws`: values that are not understood; `unknown`: annotations that mean nothing. */
export function wishesOf({ metadata }: Pod): {
  readonly wishes: Wishes;
  readonly flaws: readonly string[];
  readonly unknown: readonly string[];
} {
  const all = Object.entries(metadata.annotations ?? {}).flatMap(([key, value]) =>
    key.startsWith(PREFIX) ? [[key.slice(PREFIX.length), value] as const] : [],
  );
  const given = new Map(all.filter(([, value]) => value.length <= LONGEST));
  const flaws = all.flatMap(([key, value]) =>
    isWish(key) && !(value.length <= LONGEST && formats[key].fits(value)) ? [describeFlaw(key, value)] : [],
  );
  return {
    wishes: {
      container: given.get('container'),
      isSidecar: given.get('sidecar') === 'true',
      way: given.get('agent') as Way | undefined /* else it is a flaw */,
      secret: given.get('secret'),
      apiUrl: given.get('api-url'),
      labels: { ...labelsOf(metadata.labels ?? {}), ...pairsOf(given.get('labels')) },
      runtimes: given.get('runtimes'),
    },
    flaws,
    unknown: describeAllUnknown(all.map(([key]) => key).filter((key) => !isWish(key))),
  };
}

/** Tells whether a value is an address of HTTP as it stands: `new URL` would also repair some that are none. */
function isAddress(value: string): boolean {
  return /^https?:\/\/[^/]/.test(value) && !/\s/.test(value) && URL.canParse(value);
}

function isWish(key: string): key is Wish {
  return Object.hasOwn(formats, key);
}

function describeFlaw(key: Wish, value: string): string {
  const flaw =
    value.length > LONGEST ? `has ${value.length} characters, more than ${LONGEST}` : `is not ${formats[key].expected}`;
  return `${PREFIX}${key}: '${cut(value, SHOWN)}' ${flaw}`;
}

function describeAllUnknown(keys: readonly string[]): readonly string[] {
  const more = keys.length - MOST_UNKNOWN;
  return [
    ...keys.slice(0, MOST_UNKNOWN).map(describeUnknown),
    ...(more > 0 ? [`${more} more annotations of ${PREFIX} mean nothing`] : []),
  ];
}

function describeUnknown(key: string): string {
  const near = nearest(key, Object.keys(formats));
  return `${PREFIX}${cut(key, SHOWN)} means nothing${near === undefined ? '' : `, did you mean ${PREFIX}${near}?`}`;
}

/** Labels that controllers put on Pods to tell them apart, or that are for this webhook: no execution chooses a worker by them. */
const OF_CONTROLLERS =
  /^(attune\.io\/inject|pod-template-(hash|generation)|controller-(revision-hash|uid)|job-name|(statefulset|apps|batch)\.kubernetes\.io\/.*)$/;

function labelsOf(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(labels).filter(([key]) => !OF_CONTROLLERS.test(key)));
}

function pairsOf(text = ''): Readonly<Record<string, string>> {
  const pairs = text.split(',').filter((pair) => pair !== '');
  return Object.fromEntries(
    pairs.map((pair) => [pair.slice(0, pair.indexOf('=')).trim(), pair.slice(pair.indexOf('=') + 1).trim()]),
  );
}
