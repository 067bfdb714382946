/** The static file as a whole Attune in one process, of a test's own. */
import { agentFile, packs } from './agent.ts';

export interface Standalone extends AsyncDisposable {
  readonly url: string;
  /** Of the admin; undefined: its data directory was there before. */
  readonly token: string | undefined;
  readonly greeting: string;
  readonly child: Bun.Subprocess;
  /** A request below /api/v1, with the token. */
  api(path: string, init?: RequestInit): Promise<Response>;
}

interface StandaloneOptions {
  /** Of the admin, where its data directory was there before. */
  readonly token?: string | undefined;
  /** Makes the whole command. */
  readonly wrap?: (args: readonly string[]) => readonly string[];
}

export async function standalone(
  data: string,
  env: Readonly<Record<string, string>> = {},
  { token, wrap = (args) => [agentFile, ...args] }: StandaloneOptions = {},
): Promise<Standalone> {
  const child = Bun.spawn([...wrap(['--standalone', '--data', data, '--port', '0', '--name', data])], {
    env: { PATH: '/usr/bin:/bin', ATTUNE_WORKER_RUNTIMES: 'shell,python', ATTUNE_PACKS_DIR: packs, ...env },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'ignore',
  });
  let greeting = '';
  const reader = child.stdout.getReader();
  while (!greeting.includes('Submit')) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`it ended early, after: ${greeting}`);
    greeting += Buffer.from(value).toString();
  }
  const url = /Listens +(http:\/\/[\d.:]+)/.exec(greeting)?.[1] ?? '';
  const given = token ?? /Token +(att_\S+)/.exec(greeting)?.[1];
  const dispose = async (): Promise<void> => {
    child.kill('SIGKILL');
    await child.exited;
  };
  return {
    url,
    token: given,
    greeting,
    child,
    api: (path, init) => fetch(`${url}/api/v1/${path}`, withToken(given, init)),
    [Symbol.asyncDispose]: dispose,
  };
}

export function withToken(token: string | undefined, init: RequestInit = {}): RequestInit {
  const json = typeof init.body === 'string' ? { 'content-type': 'application/json' } : {};
  return {
    ...init,
    headers: { authorization: `Bearer ${token}`, ...json, ...(init.headers as Record<string, string>) },
  };
}
