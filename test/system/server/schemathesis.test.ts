/** The API as programs of others see it: Schemathesis, which tries each operation of its document, and the TypeScript client. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createClient, ProblemError } from '#clients/typescript/src/index.ts';
import { projectRoot } from '#test/support/project.ts';
import { type Standalone, standalone } from '#test/support/standalone.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { toolTest } from '#test/support/tool-test.ts';

const python = join(projectRoot, '.tools/python');
const program = join(python, 'bin/schemathesis');
const whyNot = existsSync(program) ? undefined : 'needs Schemathesis: .ci/install-test-tools.sh';
/** Examples that Schemathesis makes up for each operation, besides those that it derives from the document. */
const EXAMPLES = 2;

const here = join(projectRoot, 'test/system/server');
const resources = new AsyncDisposableStack();
const directory = resources.use(temporaryDirectory());
let server: Standalone;

beforeAll(async () => {
  /* Files for download that are small. */
  for (const architecture of ['x86_64', 'aarch64']) directory.file(`agents/attune-agent-${architecture}`, 'an agent');
  const env = {
    ATTUNE__AGENT__BINARY_DIR: join(directory.path, 'agents'),
    ATTUNE__SERVER__REQUESTS_PER_SECOND: '0',
  };
  server = resources.use(await standalone(join(directory.path, 'data'), env));
}, 120_000);

afterAll(async () => await resources.disposeAsync(), 60_000);

test('the TypeScript client requests an execution, waits for its end, and throws problems', async () => {
  const attune = createClient({ url: `${server.url}/`, token: server.token ?? '' });
  const { data, response } = await attune.POST('/api/v1/executions', {
    params: { query: { wait: 40 } },
    body: { action_ref: 'sample.stats', parameters: { values: [3, 1, 4] } },
  });
  expect([response.status, data?.action_ref]).toEqual([201, 'sample.stats']);
  const params = { path: { id: String(data?.id) }, query: { wait: 40 } };
  const { data: ended } = await attune.GET('/api/v1/executions/{id}', { params });
  expect(['completed', 'running', 'scheduled', 'requested']).toContain(ended?.status ?? '');
  const list = await attune.GET('/api/v1/executions', { params: { query: { action_ref: 'sample.stats' } } });
  expect(list.data?.executions.map(({ id }) => id)).toEqual([data?.id ?? 0]);
  const refused = await attune.GET('/api/v1/executions/{id}', { params: { path: { id: '999999' } } }).catch((e) => e);
  expect(refused).toBeInstanceOf(ProblemError);
  expect(refused.problem).toMatchObject({ status: 404, code: 'not-found', request_id: expect.any(String) });
}, 120_000);

toolTest(whyNot)(
  'Schemathesis finds nothing wrong with what the API answers',
  () => {
    const { exitCode, stdout, stderr } = Bun.spawnSync(
      [
        ...['python3', program, '--config-file', join(here, 'schemathesis.toml'), 'run', '--no-color'],
        ...['--phases', 'examples,coverage,fuzzing', '--max-examples', String(EXAMPLES), '--workers', '2'],
        ...['--header', `Authorization: Bearer ${server.token}`, `${server.url}/api/v1/openapi.json`],
      ],
      /* It keeps what it has found in its working directory, and tries that again. */
      {
        cwd: directory.path,
        env: { ...process.env, PYTHONPATH: python, SCHEMATHESIS_HOOKS: join(here, 'schemathesis_hooks.py') },
      },
    );
    expect(exitCode === 0 ? '' : `${stdout}${stderr}`).toBe('');
  },
  900_000,
);
