/** Every route, with requests made of its own schemas and with nonsense in their places: no 5xx, no crash. */
import { expect, test } from 'bun:test';
import { join } from 'node:path';
import fc from 'fast-check';
import { createGeneratorSync, type JsonSchema } from 'json-schema-faker';
import { type Standalone, standalone } from '#test/support/standalone.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';

const REQUESTS = Number(process.env['ATTUNE_FUZZ_REQUESTS'] ?? 10_000);
const SEED = Number(process.env['ATTUNE_FUZZ_SEED'] ?? 20_261_123);
const AT_ONCE = 16;

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly schema: JsonSchema;
}

interface Operation {
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly Parameter[];
  /** Undefined: it takes none. */
  readonly body: JsonSchema | undefined;
}

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>;
  readonly components: { readonly schemas: object };
}

interface OpenApiOperation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: JsonSchema }>> };
}

async function readOperations(whole: Standalone): Promise<readonly Operation[]> {
  const text = await (await whole.api('openapi.json')).text();
  const { paths, components } = JSON.parse(text.replaceAll('#/components/schemas/', '#/$defs/')) as OpenApi;
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [], requestBody }]) => {
      const schema = requestBody?.content['application/json']?.schema;
      const body = schema && ({ $defs: components.schemas, ...(schema as object) } as JsonSchema);
      return { method: method.toUpperCase(), path, parameters, body };
    }),
  );
}

const nonsense = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '',
    '0',
    '-1',
    '99999999999999999999',
    '../..',
    "' OR 1=1 --",
    '\0',
    '%00',
    'null',
    '1e999',
    'ÿ'.repeat(3000),
  ),
  fc.integer().map(String),
);
const anyBody = fc.oneof(
  fc.json(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', '{', '[]', 'null', '{"__proto__":{}}'),
);

/** Made once: making them costs more than sending them. */
const POOL = 500;
const sample = <T>(arbitrary: fc.Arbitrary<T>): readonly T[] => fc.sample(arbitrary, { numRuns: POOL, seed: SEED });
const pools = { text: sample(nonsense), body: sample(anyBody), value: sample(fc.anything()) };

class Dice {
  #state = SEED;

  below(most: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.#state / 2 ** 32) * most);
  }

  pick<T>(all: readonly T[]): T | undefined {
    return all[this.below(all.length)];
  }
}

type Faker = (schema: JsonSchema) => unknown;

interface Request {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** Of one operation: what its schemas ask for, mostly; else anything. */
function requestMaker(operation: Operation, fake: Faker): (dice: Dice) => Request {
  const parameters = operation.parameters.map((one) => ({
    ...one,
    values: Array.from({ length: 50 }, () => String(fake(one.schema))),
  }));
  const { body: schema } = operation;
  const bodies = schema === undefined ? undefined : Array.from({ length: POOL }, () => fake(schema));
  return (dice) => {
    const isGiven = ({ in: place }: Parameter): boolean => place === 'path' || dice.below(3) > 0;
    const given = parameters.filter(isGiven).map((one) => {
      const value = dice.below(4) === 0 ? dice.pick(pools.text) : dice.pick(one.values);
      return { name: one.name, place: one.in, value: value ?? '' };
    });
    const path = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
      const value = given.find((one) => one.name === name)?.value ?? '1';
      return encodeURIComponent(dice.below(3) === 0 ? String(dice.below(50) + 1) : value.toWellFormed());
    });
    const pairs = (place: string) =>
      given.flatMap((one): [string, string][] => (one.place === place ? [[one.name, one.value]] : []));
    const headers = pairs('header').filter(([, value]) => /^[\x20-\x7e]*$/.test(value));
    return {
      method: operation.method,
      path: `${path}?${new URLSearchParams(pairs('query'))}`,
      headers: Object.fromEntries(headers),
      body: bodies && bodyOf(dice.pick(bodies), dice),
    };
  };
}

function bodyOf(body: unknown, dice: Dice): string {
  if (dice.below(5) === 0) return dice.pick(pools.body) ?? '';
  if (dice.below(3) > 0 || typeof body !== 'object' || body === null) return JSON.stringify(body) ?? '';
  return JSON.stringify({ ...body, [dice.pick(Object.keys(body)) ?? 'x']: describe(dice.pick(pools.value)) }) ?? '';
}

function describe(value: unknown): unknown {
  try {
    return JSON.parse(JSON.stringify(value) ?? 'null');
  } catch {
    return String(value);
  }
}

/** The answer, when it is a server error that nobody means. */
async function failureOf({ url, token }: Standalone, request: Request, count: (status: number) => void) {
  const { method, path, headers, body } = request;
  const stop = new AbortController();
  const response = await fetch(url + path, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
      authorization: `Bearer ${token}`,
    },
    body: body ?? null,
    redirect: 'manual',
    signal: stop.signal,
  });
  count(response.status);
  if (response.headers.get('content-type') === 'text/event-stream') {
    stop.abort();
    return undefined;
  }
  const bytes = await response.bytes();
  if (response.status < 500) return undefined;
  const text = Buffer.from(bytes).toString();
  /* A place that does not answer in time, on a machine with much to do, is said by /readyz. */
  if (path.startsWith('/readyz') && text.includes('does not answer')) return undefined;
  return text.includes('not-configured') ? undefined : `${method} ${path} ${body ?? ''}: ${response.status} ${text}`;
}

test(`${REQUESTS} requests, seed ${SEED}: no server error`, async () => {
  using directory = temporaryDirectory();
  /* 100 MB, thousands of times, would tell nothing more. */
  directory.file('agents/attune-agent-x86_64', 'small');
  /* No runtimes: nothing that is made up here is ever run. */
  await using whole = await standalone(join(directory.path, 'data'), {
    ATTUNE_WORKER_RUNTIMES: '',
    ATTUNE__SERVER__REQUESTS_PER_SECOND: '0',
    ATTUNE__AGENT__BINARY_DIR: join(directory.path, 'agents'),
    ATTUNE_PACKS_DIR: join(directory.path, 'packs'),
  });
  const operations = await readOperations(whole);
  expect(operations.length).toBeGreaterThan(30);
  const generator = createGeneratorSync({ seed: SEED, optionalsProbability: 0.5, maxItems: 3 } as never);
  const makers = operations.map((one) => requestMaker(one, (schema) => generator.generate(schema)));
  const dice = new Dice();
  const failures: string[] = [];
  const statuses = new Map<number, number>();
  const count = (status: number): void => void statuses.set(status, (statuses.get(status) ?? 0) + 1);
  let left = REQUESTS;
  const work = async (): Promise<void> => {
    while (left-- > 0 && failures.length < 10) {
      const request = makers[left % makers.length]?.(dice);
      const failure = request && (await failureOf(whole, request, count));
      if (failure !== undefined) failures.push(failure);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  console.log(`  answers: ${JSON.stringify(Object.fromEntries([...statuses].toSorted(([a], [b]) => a - b)))}`);
  expect(failures).toEqual([]);
  expect(whole.child.exitCode).toBeNull();
  expect((await fetch(`${whole.url}/healthz`)).status).toBe(200);
}, 600_000);
