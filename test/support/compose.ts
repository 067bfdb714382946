/** The project's Compose files on a real engine, on images made on this machine under the names of the stock ones. */
import { chmodSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '#test/support/project.ts';
import { agentFile } from './agent.ts';
import { type Call, call } from './call.ts';
import { type Engine, type ImageContent, startEngine } from './docker.ts';
import type { RootName } from './root-file-systems.ts';
import { type TemporaryDirectory, temporaryDirectory } from './temporary.ts';

const standIns = join(projectRoot, 'test/system/docker/stand-ins');
const PORT = '18080';

const images: Readonly<Record<string, readonly [RootName, ImageContent?]>> = {
  'postgres:17-alpine': [
    'servers',
    {
      files: [[join(standIns, 'postgres.sh'), 'usr/local/bin/start']],
      changes: ['ENTRYPOINT ["/usr/local/bin/start"]', 'ENV PATH=/usr/bin:/bin:/usr/sbin:/sbin'],
    },
  ],
  'rabbitmq:4.1-alpine': [
    'servers',
    {
      files: [[join(standIns, 'rabbitmq.sh'), 'usr/local/bin/docker-entrypoint.sh']],
      changes: ['ENV PATH=/usr/local/bin:/usr/lib/rabbitmq/bin:/usr/bin:/bin HOME=/var/lib/rabbitmq LANG=C.UTF-8'],
    },
  ],
  'python:3.12-slim': ['python-slim'],
  'node:22-slim': ['node-slim'],
  'ruby:3.3-slim': ['ruby-slim'],
  'eclipse-temurin:21': ['temurin'],
  'r-base:4.4.2': ['r-base'],
  'perl:5.40-slim': ['bookworm'],
  'alpine:3.21': ['busybox'],
};

export interface Project extends AsyncDisposable {
  readonly engine: Engine;
  readonly packs: TemporaryDirectory;
  readonly secrets: string;
  /** Throws with the output when it fails. */
  compose(args: readonly string[], env?: Readonly<Record<string, string>>): string;
  /** A call of the API's client, where the port is published. */
  client(...args: readonly string[]): Call;
  /** Puts this file into the images of the agent. */
  ship(agent: string): void;
}

export async function startProject(): Promise<Project> {
  const engine = await startEngine('own');
  const packs = temporaryDirectory();
  chmodSync(packs.path, 0o755); /* containers read it as nobody */
  const secrets = `${packs.path}-secrets`;
  const ship = (agent: string): void => {
    const files = [[agent, 'attune-agent']] as const;
    engine.importFiles('attune-agent:scratch', { files, changes: ['ENTRYPOINT ["/attune-agent"]'] });
    const changes = ['ENTRYPOINT ["/attune-agent"]', 'CMD ["install", "/opt/attune/agent"]'];
    engine.importRoot('busybox', 'attune-agent:init', { files, changes });
  };
  const files = ['compose.yaml', 'compose.workers.yaml'].flatMap((name) => [
    '--file',
    join(projectRoot, 'docker', name),
  ]);
  const user = { ATTUNE_USER: '65534:65534' };
  const settings = { ATTUNE_PORT: PORT, ATTUNE_PACKS: packs.path, ATTUNE_SECRETS: secrets, ...user };
  const command = ['docker', 'compose', '--progress', 'plain', ...files];
  const compose: Project['compose'] = (args, env = {}) => {
    const { exitCode, stdout, stderr } = call([...command, ...args], {
      env: { ...engine.env, ...settings, ...env },
    });
    if (exitCode !== 0) {
      const logs = call([...command, 'logs', '--tail', '10'], { env: { ...engine.env, ...settings, ...env } });
      throw new Error(`docker compose ${args.join(' ')} failed:\n${stderr.slice(-3000)}\n${logs.stdout}`);
    }
    return stdout;
  };
  let token: string | undefined;
  const project: Project = {
    engine,
    packs,
    secrets,
    compose,
    ship,
    client: (...args) => {
      token ??= compose([
        'exec',
        '-T',
        'server',
        '/attune-agent',
        'token',
        'create',
        '--name',
        'tests',
        '--scope',
        'admin',
      ]).trim();
      const env = { PATH: '/usr/bin:/bin', ATTUNE_API_URL: `http://127.0.0.1:${PORT}`, ATTUNE_API_TOKEN: token };
      return call([...engine.enter, agentFile, ...args], { env });
    },
    [Symbol.asyncDispose]: async () => {
      compose(['down', '--volumes', '--timeout', '1']);
      await engine[Symbol.asyncDispose]();
      packs[Symbol.dispose]();
      rmSync(secrets, { recursive: true, force: true });
    },
  };
  try {
    const made = call([join(projectRoot, 'docker/make-secrets.sh'), secrets]);
    if (made.exitCode !== 0) throw new Error(made.stderr);
    for (const [tag, [name, content]] of Object.entries(images)) engine.importRoot(name, tag, content);
    ship(agentFile);
    compose(['down', '--volumes', '--remove-orphans', '--timeout', '1']); /* of a run that was killed */
    return project;
  } catch (error) {
    await engine[Symbol.asyncDispose]();
    throw error;
  }
}
