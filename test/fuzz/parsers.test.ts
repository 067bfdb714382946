/**
 * Every parser at an edge against nonsense and against mutilated sense: it answers, with a value or a clear error, and
 * neither throws what it does not say it throws, nor takes for ever. FUZZ_SECONDS: of all together; FUZZ_SEED: which nonsense.
 */
import { afterAll, expect, test } from 'bun:test';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { pack as createTar, type Header } from 'tar-stream';
import { stringify } from 'yaml';
import { readDeadLetter } from '#adapters/broker/amqp/dead-letter.ts';
import { readMessage } from '#adapters/broker/envelope.ts';
import { readTls } from '#adapters/store/postgres/tls.ts';
import { environmentLayer, fileLayer } from '#config/layers.ts';
import { loadConfig } from '#config/load-config.ts';
import { readRange } from '#control-plane/api/byte-range.ts';
import { parseConstraint } from '#domain/version-constraint.ts';
import { formatParameters } from '#execution/script/format-parameters.ts';
import { parseOutput } from '#execution/script/parse-output.ts';
import { openInstalledPacks } from '#packs/installed-packs.ts';
import { loadPackAt } from '#packs/load-action.ts';
import { checkParameters, jsonSchemaOf, parameterFromText } from '#packs/parameter-schema.ts';
import { readElf, readSymbolTable } from '#static-linker/elf.ts';
import { LinkError } from '#static-linker/link-error.ts';
import { readProgram } from '#static-linker/program.ts';
import { agentFile } from '#test/support/agent.ts';
import { call } from '#test/support/call.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';

const directory = temporaryDirectory();
afterAll(() => directory[Symbol.dispose]());

const TESTS = 12;
const seconds = Number(process.env['FUZZ_SECONDS'] ?? 12);
const seed = Number(process.env['FUZZ_SEED'] ?? 4711);
const bounds = {
  seed,
  numRuns: 1_000_000,
  interruptAfterTimeLimit: (seconds * 1000) / TESTS,
  markInterruptAsFailure: false,
} as const;
const timeoutMs = seconds * 1000 + 60_000;

/** Nonsense, and JSON that is almost what is expected. */
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({ maxLength: 300 }),
  fc.json({ maxDepth: 6 }),
  fc.stringMatching(/^[{}[\]",:0-9a-z \n\t&*|>!%@`'#-]{0,200}$/),
);

/** Bytes of something real, some of them changed, cut or doubled. */
function mutilated(bytes: Uint8Array): fc.Arbitrary<Uint8Array> {
  const at = fc.nat({ max: Math.max(bytes.length - 1, 0) });
  const changes = fc.array(fc.tuple(at, fc.integer({ min: 0, max: 255 })), { maxLength: 20 });
  return fc.tuple(changes, fc.option(at, { freq: 4 })).map(([list, end]) => {
    const copy = bytes.slice(0, end ?? bytes.length);
    for (const [place, value] of list) if (place < copy.length) copy[place] = value;
    return copy;
  });
}

const message = Buffer.from(
  JSON.stringify({
    message_id: '1b4e28ba-2fa1-41d2-883f-0016d3cca427',
    correlation_id: '1b4e28ba-2fa1-41d2-883f-0016d3cca427',
    message_type: 'ExecutionRequested',
    version: '1.0',
    timestamp: '2026-01-01T00:00:00Z',
    headers: { retry_count: 0 },
    payload: { execution_id: 1, worker_id: 2, action_ref: 'a.b', config: {}, attempt: 1 },
  }),
);

test(
  'messages',
  () => {
    expect(readMessage(message).ok).toBe(true);
    const bodies = fc.oneof(
      fc.uint8Array({ maxLength: 500 }),
      text.map((one) => Buffer.from(one)),
      mutilated(message),
    );
    fc.assert(
      fc.property(bodies, (body) => {
        const read = readMessage(body);
        if (!read.ok) expect(read.error.length).toBeGreaterThan(5);
      }),
      bounds,
    );
  },
  timeoutMs,
);

test(
  'dead letters, whatever their headers say',
  () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.dictionary(fc.string(), fc.anything()), (content, headers) => {
        const properties = { headers: { 'x-death': headers['x-death'] ?? [headers], ...headers } };
        const letter = readDeadLetter({
          content: Buffer.from(content),
          fields: { routingKey: 'a', exchange: 'b', deliveryTag: 1, redelivered: false, consumerTag: 'c' },
          properties,
        } as unknown as Parameters<typeof readDeadLetter>[0]);
        expect([letter.queue, letter.exchange, letter.routingKey, letter.reason].map((one) => typeof one)).toEqual(
          Array(4).fill('string'),
        );
      }),
      bounds,
    );
  },
  timeoutMs,
);

test(
  'configuration files and variables',
  () => {
    fc.assert(
      fc.property(text, fc.dictionary(fc.stringMatching(/^[A-Z_]{1,12}$/), fc.string()), (yaml, variables) => {
        const file = directory.file('config.yaml', yaml);
        for (const layer of [fileLayer(file), environmentLayer(named(variables))])
          if (!layer.ok) expect(layer.error.join('')).not.toBe('');
        loadConfig({ flags: {}, env: named(variables), file }, { hostname: 'box', isContainer: false });
      }),
      bounds,
    );
  },
  timeoutMs,
);

function named(variables: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(variables).map(([name, value]) => [`ATTUNE__${name}`, value]));
}

const action =
  'ref: p.a\nlabel: A\nrunner_type: shell\nentry_point: a.sh\nparameters:\n  a: { type: string, required: true }\n';

/** Loads a pack whose two documents are these. */
function load(pack: string | Uint8Array, one: string | Uint8Array): ReturnType<typeof loadPackAt> {
  directory.file('p/pack.yaml', pack);
  directory.file('p/actions/a.yaml', one);
  directory.file('p/actions/a.sh', '');
  return loadPackAt(join(directory.path, 'p'));
}

test(
  'YAML of packs',
  () => {
    const good = 'ref: p\nlabel: P\nversion: 1.0.0\n';
    expect(load(good, action)).toMatchObject({ ok: true });
    const document = fc.oneof(
      text,
      mutilated(Buffer.from(action)),
      fc.object({ maxDepth: 4 }).map((one) => stringify(one)),
    );
    fc.assert(
      fc.property(document, fc.boolean(), (yaml, isPack) => {
        const loaded = isPack ? load(yaml, action) : load(good, yaml);
        if (!loaded.ok) expect(loaded.error.length).toBeGreaterThan(5);
      }),
      bounds,
    );
  },
  timeoutMs,
);

test(
  'YAML that explodes, is deep, or is huge',
  () => {
    const laughs = ['a: &a [x, x, x, x, x, x, x, x, x]'];
    for (let level = 0; level < 12; level++) {
      const [name, before] = [String.fromCharCode(98 + level), String.fromCharCode(97 + level)];
      laughs.push(`${name}: &${name} [${Array.from({ length: 9 }, () => `*${before}`).join(', ')}]`);
    }
    const cases = {
      laughs: laughs.join('\n'),
      deep: '['.repeat(100_000),
      'deep maps': Array.from({ length: 5000 }, (_, level) => `${' '.repeat(level)}a:`).join('\n'),
      'huge scalar': `ref: ${'x'.repeat(2_000_000)}`,
      'huge key': `? ${'x'.repeat(900_000)}\n: 1`,
      prototype: 'ref: p\nlabel: P\nversion: 1.0.0\n__proto__: { polluted: true }\nconstructor: 1\n',
    };
    for (const [name, yaml] of Object.entries(cases)) {
      const loaded = load(yaml, action);
      if (name !== 'prototype') expect(loaded.ok, name).toBe(false);
      expect(Object(Object.prototype).polluted).toBeUndefined();
    }
  },
  timeoutMs,
);

async function archive(entries: readonly Partial<Header>[], content = 'x'): Promise<Uint8Array> {
  const tar = createTar();
  for (const header of entries)
    tar.entry(header as Header, header.type === undefined || header.type === 'file' ? content : '');
  tar.finalize();
  const parts: Buffer[] = [];
  for await (const part of tar) parts.push(part as Buffer);
  return gzipSync(Buffer.concat(parts));
}

const streamOf = (bytes: Uint8Array): ReadableStream<Uint8Array> => new Response(bytes).body ?? new ReadableStream();

test(
  'archives of packs: nothing is written outside, whatever is in them',
  async () => {
    const packs = join(directory.path, 'installed');
    const served = join(directory.path, 'served');
    mkdirSync(packs);
    const outside = (): readonly string[] => readdirSync(directory.path).toSorted();
    directory.file('before', '');
    const before = outside();
    const wicked = fc.constantFrom(
      '../evil',
      '/tmp/attune-fuzz-evil',
      'a/../../evil',
      'actions/./a',
      '..',
      '.',
      '',
      'pack.yaml',
      'x'.repeat(300),
    );
    const header = fc.record({
      name: fc.oneof(wicked, fc.string({ minLength: 1, maxLength: 20 })),
      type: fc.constantFrom('file', 'link', 'symlink', 'directory', 'fifo', 'character-device', 'block-device'),
      linkname: fc.oneof(wicked, fc.constantFrom('/etc/passwd', '../../before')),
      mode: fc.nat({ max: 0o7777 }),
    });
    const good = await archive([{ name: 'pack.yaml' }], 'ref: q\nlabel: Q\nversion: 1.0.0\n');
    expect(await openInstalledPacks(packs, served).install(streamOf(good))).toMatchObject({ ok: true });
    const archives = fc.oneof(
      fc.array(header, { maxLength: 6 }).map((headers) => ({ headers: headers as Header[] })),
      mutilated(good).map((bytes) => ({ bytes })),
    );
    await fc.assert(
      fc.asyncProperty(archives, async (one) => {
        const bytes = 'bytes' in one ? one.bytes : await archive(one.headers).catch(() => undefined);
        if (bytes === undefined) return; /* the library that makes archives refuses it itself */
        const installed = await openInstalledPacks(packs, served).install(streamOf(bytes));
        if (!installed.ok) expect(installed.error.length).toBeGreaterThan(5);
        expect(outside()).toEqual(before);
        expect(existsSync('/tmp/attune-fuzz-evil')).toBe(false);
      }),
      bounds,
    );
  },
  timeoutMs,
);

test(
  'an archive that unpacks to more than a pack may be',
  async () => {
    const packs = join(directory.path, 'bombed');
    const many = Array.from({ length: 20_001 }, (_, index) => ({ name: `f${index}` }));
    const installed = await openInstalledPacks(packs, directory.path).install(streamOf(await archive(many, '')));
    expect(installed.ok).toBe(false);
    expect(readdirSync(packs)).toEqual([]);
  },
  timeoutMs,
);

test(
  'outputs of actions',
  () => {
    const formats = fc.constantFrom('json', 'yaml', 'jsonl', 'text' as const);
    fc.assert(
      fc.property(fc.oneof(text, fc.constant('['.repeat(50_000))), formats, (output, format) => {
        const parsed = parseOutput(Buffer.from(output), format);
        if (!parsed.ok) expect(parsed.error.length).toBeGreaterThan(5);
      }),
      bounds,
    );
  },
  timeoutMs,
);

test(
  'parameters: a shell reads dotenv as it was meant',
  () => {
    const values = fc.dictionary(
      fc.stringMatching(/^[a-z][a-z0-9_]{0,8}$/),
      fc.string({ unit: 'binary', maxLength: 60 }),
      { maxKeys: 5 },
    );
    fc.assert(
      fc.property(values, (parameters) => {
        formatParameters(parameters, 'yaml');
        const json = formatParameters(parameters, 'json');
        expect(json.ok && JSON.parse(json.value)).toEqual(JSON.parse(JSON.stringify(parameters)));
        const [name] = Object.keys(parameters);
        const value = name === undefined ? undefined : (parameters[name] ?? '').replaceAll('\0', '');
        if (name === undefined || value === undefined) return;
        const dotenv = formatParameters({ [name]: value }, 'dotenv');
        const { stdout } = call(['sh', '-c', `${dotenv.ok && dotenv.value}\nprintf '%s.' "$${name}"`], { env: {} });
        expect(stdout).toBe(`${Buffer.from(value).toString()}.`);
      }),
      bounds,
    );
  },
  timeoutMs,
);

test(
  'schemas of parameters, and values for them',
  () => {
    fc.assert(
      fc.property(fc.object({ maxDepth: 4 }), fc.object({ maxDepth: 3 }), fc.string(), (schema, value, one) => {
        const read = jsonSchemaOf(schema);
        if (!read.ok) {
          expect(read.error.map((one) => one.message)).not.toContain('');
          return;
        }
        const checked = checkParameters(value, read.value);
        if (!checked.ok) expect(checked.error.length).toBeGreaterThan(0);
        parameterFromText(one, one, read.value);
      }),
      bounds,
    );
  },
  timeoutMs,
);

test(
  'version constraints, ranges and URLs of databases',
  () => {
    const operators = fc.stringMatching(/^[<>=~^!, .0-9a-zx*|-]{0,40}$/);
    fc.assert(
      fc.property(fc.oneof(text, operators), fc.oneof(text, operators), fc.nat(), (one, other, size) => {
        parseConstraint(one)?.allows(other);
        const range = readRange(one, size);
        if (range) expect(range.from >= 0 && range.to <= size).toBe(true);
        const url = `postgres://h/?sslmode=${encodeURIComponent(one.toWellFormed())}`;
        expect(() => readTls(url)).not.toThrow(TypeError);
      }),
      bounds,
    );
  },
  timeoutMs,
);

test(
  'ELF files: an error of the linker or an answer',
  () => {
    const bytes = readFileSync(agentFile).subarray(0, 200_000);
    /* What the headers say is worth more changes than code is. */
    const head = mutilated(bytes.subarray(0, 2000)).map((one) => Buffer.concat([one, bytes.subarray(one.length)]));
    fc.assert(
      fc.property(fc.oneof(head, fc.uint8Array({ maxLength: 300 })), (file) => {
        for (const read of [() => readSymbolTable(readElf(file, 'fuzz')), () => readProgram(file, 'fuzz')])
          try {
            read();
          } catch (error) {
            if (!(error instanceof LinkError)) throw error;
          }
      }),
      bounds,
    );
  },
  timeoutMs,
);
