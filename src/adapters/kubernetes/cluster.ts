import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Cluster, KeptSecret } from '#domain/cluster.ts';
import { messageOf } from '#domain/errors.ts';

export interface ClusterAddress {
  /** The address of the API server, such as https://10.96.0.1:443. */
  readonly url: string;
  /** The directory of the service account, with `token` and `ca.crt`. */
  readonly account: string;
  /** The namespace of the Secrets. */
  readonly namespace: string;
}

const ANSWER_TIMEOUT_MS = 10_000;
const NOT_FOUND = 404;
const CONFLICT = 409;

const secret = z.object({
  metadata: z.object({ resourceVersion: z.string() }),
  data: z.record(z.string(), z.string()).nullish(),
});
const configuration = z.object({
  metadata: z.object({ resourceVersion: z.string() }),
  webhooks: z
    .array(z.object({ name: z.string(), clientConfig: z.object({ caBundle: z.string().nullish() }) }))
    .nullish(),
});
const refusal = z.object({ message: z.string() });

/** The API of Kubernetes, as the service account of this Pod may use it. */
export function openCluster(address: ClusterAddress): Cluster {
  const secretPath = (name: string): string =>
    `/api/v1/namespaces/${address.namespace}/secrets/${encodeURIComponent(name)}`;
  return {
    readSecret: async (name) => {
      const answer = await call(address, secretPath(name));
      if (answer.status === NOT_FOUND) return undefined;
      const { metadata, data } = secret.parse(await bodyOf(answer, secretPath(name)));
      return { values: decoded(data ?? {}), version: metadata.resourceVersion };
    },
    writeSecret: async (name, values, version) => {
      const patch = { metadata: { resourceVersion: version }, data: encoded(values) };
      return await patched(address, secretPath(name), patch);
    },
    trust: async (name, authorities) => {
      const path = `/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/${encodeURIComponent(name)}`;
      const { metadata, webhooks } = configuration.parse(await bodyOf(await call(address, path), path));
      const caBundle = base64(authorities);
      const stale = (webhooks ?? []).filter(({ clientConfig }) => clientConfig.caBundle !== caBundle);
      if (stale.length === 0) return false;
      const changed = stale.map((one) => ({ name: one.name, clientConfig: { caBundle } }));
      return await patched(address, path, {
        metadata: { resourceVersion: metadata.resourceVersion },
        webhooks: changed,
      });
    },
  };
}

/** Patches an object that nobody has written since it was read: false if somebody has. */
async function patched(address: ClusterAddress, path: string, patch: object): Promise<boolean> {
  const answer = await call(address, path, patch);
  if (answer.status === CONFLICT) return false;
  await bodyOf(answer, path);
  return true;
}

async function call({ url, account }: ClusterAddress, path: string, patch?: object): Promise<Response> {
  const read = (name: string): string => readFileSync(join(account, name), 'utf8');
  const authorization = `Bearer ${read('token').trim()}`;
  const change = patch && {
    method: 'PATCH',
    body: JSON.stringify(patch),
    headers: { authorization, 'content-type': 'application/strategic-merge-patch+json' },
  };
  try {
    return await fetch(`${url}${path}`, {
      headers: { authorization },
      ...change,
      tls: { ca: read('ca.crt') },
      redirect: 'error',
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    });
  } catch (error) {
    throw new Error(`the API of Kubernetes at ${url} does not answer: ${messageOf(error)}`, { cause: error });
  }
}

async function bodyOf(answer: Response, path: string): Promise<unknown> {
  const body: unknown = await answer.json().catch(() => undefined);
  if (answer.ok) return body;
  const said = refusal.safeParse(body);
  throw new Error(
    `the API of Kubernetes refuses ${path}: ${answer.status}${said.success ? ` ${said.data.message}` : ''}`,
  );
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

function encoded(values: KeptSecret['values']): KeptSecret['values'] {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, base64(value)]));
}

function decoded(data: KeptSecret['values']): KeptSecret['values'] {
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]));
}
