import type { WorkerPermissions } from './permissions.ts';

const ANSWERS_WITHIN_MS = 30_000;

export interface WantedUser {
  readonly password: string;
  /** The virtual host, `/` where nothing else is said. */
  readonly vhost: string;
  readonly permissions: WorkerPermissions;
}

/**
 * Makes a user of RabbitMQ with these permissions by its management API, or gives the user of that name this password
 * and these permissions. Safe when it is done again. Throws what the management API has answered.
 */
export async function provideUser(management: string, { password, vhost, permissions }: WantedUser): Promise<void> {
  const { user, configure, write, read, topics } = permissions;
  const put = async (path: readonly string[], body: object): Promise<void> => await send(management, path, body);
  await put(['users', user], { password, tags: '' });
  await put(['permissions', vhost, user], { configure, write, read });
  for (const topic of topics) await put(['topic-permissions', vhost, user], topic);
}

async function send(management: string, path: readonly string[], body: object): Promise<void> {
  const { username, password, origin, pathname } = new URL(management);
  const secret = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64');
  const url = `${origin}${pathname.replace(/\/+$/, '')}/api/${path.map(encodeURIComponent).join('/')}`;
  const response = await fetch(url, {
    method: 'PUT',
    headers: { authorization: `Basic ${secret}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
    redirect: 'error',
    signal: AbortSignal.timeout(ANSWERS_WITHIN_MS),
  });
  if (!response.ok) throw new Error(`${url}: HTTP ${response.status}: ${(await response.text()).slice(0, 200)}`);
}
