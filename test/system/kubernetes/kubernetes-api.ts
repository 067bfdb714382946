/** A stand-in for the API of Kubernetes, with one Secret and one MutatingWebhookConfiguration, for one service account. */
import { makeAuthority, makeServerCertificate } from '#webhook/certificates.ts';

export interface KubernetesApi extends Disposable {
  readonly port: number;
  /** The authority that its clients trust. */
  readonly authority: string;
  readonly secret: { data?: Record<string, string>; metadata: { resourceVersion: string } };
  /** What it was asked for, such as `GET /version`, each once. */
  readonly requests: ReadonlySet<string>;
  /** The authorities that it trusts for the webhook, in PEM. */
  trusted(): string;
}

interface WebhookClient {
  name: string;
  clientConfig: { service: { name: string }; caBundle?: string };
}

const SECRET = '/api/v1/namespaces/attune/secrets/hook-tls';
const CONFIGURATION = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/hook';

export async function kubernetesApi(token: string): Promise<KubernetesApi> {
  const authority = await makeAuthority(Date.now());
  const own = await makeServerCertificate(authority, ['localhost'], Date.now());
  let version = 1;
  const next = () => ({ resourceVersion: String(version++) });
  const secret: { data?: Record<string, string>; metadata: { resourceVersion: string } } = { metadata: next() };
  const webhook: WebhookClient = { name: 'hook.attune.io', clientConfig: { service: { name: 'hook' } } };
  const configuration = { metadata: next(), webhooks: [webhook] };
  const requests = new Set<string>();
  const merge = (target: object & { metadata: { resourceVersion: string } }, patch: Patch): Response => {
    if (patch.metadata.resourceVersion !== target.metadata.resourceVersion)
      return Response.json({ message: 'the object has been modified' }, { status: 409 });
    target.metadata = next();
    if (patch.data) secret.data = { ...secret.data, ...patch.data };
    for (const one of patch.webhooks ?? [])
      if (one.name === webhook.name) webhook.clientConfig = { ...webhook.clientConfig, ...one.clientConfig };
    return Response.json(target);
  };
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    tls: { cert: own.certificate, key: own.key },
    fetch: async (request) => {
      const { pathname } = new URL(request.url);
      requests.add(`${request.method} ${pathname}`);
      if (request.headers.get('authorization') !== `Bearer ${token}`)
        return Response.json({ message: 'Unauthorized' }, { status: 401 });
      const target = { [SECRET]: secret, [CONFIGURATION]: configuration }[pathname];
      if (!target) return Response.json({ message: 'forbidden' }, { status: 403 });
      return request.method === 'PATCH' ? merge(target, (await request.json()) as Patch) : Response.json(target);
    },
  });
  return {
    port: server.port ?? 0,
    authority: authority.certificate,
    secret,
    requests,
    trusted: () => Buffer.from(webhook.clientConfig.caBundle ?? '', 'base64').toString(),
    [Symbol.dispose]: () => void server.stop(true),
  };
}

interface Patch {
  metadata: { resourceVersion: string };
  data?: Record<string, string>;
  webhooks?: { name: string; clientConfig: { caBundle: string } }[];
}
