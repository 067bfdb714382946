/** A real provider of OpenID Connect, in which whoever comes is logged in at once as the account of the moment. */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider from 'oidc-provider';

interface Account {
  readonly subject: string;
  readonly claims: Readonly<Record<string, unknown>>;
}

export interface TestProvider extends AsyncDisposable {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Whoever logs in from now on. */
  become(account: Account): void;
  /** Changes each ID token on its way from now on, as somebody between the provider and the server would. */
  forge(change: ((idToken: string) => string) | undefined): void;
}

/** Starts a provider on loopback that knows one client, whose pages are below `clientUrl`. */
export async function startProvider(clientUrl: string): Promise<TestProvider> {
  const [clientId, clientSecret] = ['attune', 'a secret of the client alone'];
  const listener = createServer();
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(listener.address() as AddressInfo).port}`;
  const accounts = new Map<string, Account>();
  let current: Account | undefined;
  let forgery: ((idToken: string) => string) | undefined;
  const provider = new Provider(issuer, {
    clients: [
      {
        ...{ client_id: clientId, client_secret: clientSecret },
        redirect_uris: [`${clientUrl}/auth/callback`],
        post_logout_redirect_uris: [`${clientUrl}/`],
      },
    ],
    claims: { openid: ['sub'], profile: ['preferred_username', 'groups'], email: ['email'] },
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    cookies: { keys: ['a key of the test alone'] },
    findAccount: async (_, id) => ({ accountId: id, claims: async () => ({ sub: id, ...accounts.get(id)?.claims }) }),
  });
  const answer = provider.callback();
  listener.on('request', async (request, response) => {
    if (request.url === '/token') changeAnswer(response, (text) => forged(text, forgery));
    if (!request.url?.startsWith('/interaction/')) return await answer(request, response);
    const { prompt, params, session } = await provider.interactionDetails(request, response);
    if (prompt.name === 'login') {
      const result = { login: { accountId: current?.subject ?? '' } };
      return await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
    }
    const grant = new provider.Grant({ accountId: session?.accountId ?? '', clientId: String(params['client_id']) });
    grant.addOIDCScope(String(params['scope']));
    const result = { consent: { grantId: await grant.save() } };
    return await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: true });
  });
  return {
    ...{ issuer, clientId, clientSecret },
    become: (account) => {
      accounts.set(account.subject, account);
      current = account;
    },
    forge: (change) => {
      forgery = change;
    },
    [Symbol.asyncDispose]: async () => {
      listener.closeAllConnections();
      await new Promise((resolve) => listener.close(resolve));
    },
  };
}

/** Has an answer that is sent at once sent with another text. */
function changeAnswer(response: ServerResponse, change: (text: string) => string): void {
  const end = response.end.bind(response);
  const changed = (body: unknown): ServerResponse => {
    const text = change(String(body));
    response.setHeader('content-length', Buffer.byteLength(text));
    return end(text);
  };
  Object.assign(response, { end: changed });
}

function forged(text: string, change: ((idToken: string) => string) | undefined): string {
  const answer = JSON.parse(text) as { readonly id_token?: string };
  return answer.id_token === undefined || !change
    ? text
    : JSON.stringify({ ...answer, id_token: change(answer.id_token) });
}
