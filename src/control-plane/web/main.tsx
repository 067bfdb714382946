import { type ComponentType, render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Account, Lack, useLack } from './account.tsx';
import { endSession } from './api.ts';
import { AuditPage } from './audit.tsx';
import { ExecutionPage } from './execution.tsx';
import { ExecutionsPage } from './executions.tsx';
import { useLive } from './hooks.ts';
import { KeysPage } from './keys.tsx';
import { LoginPage } from './login.tsx';
import { PacksPage } from './packs.tsx';
import { Heading } from './parts.tsx';
import { type Route, useRoute } from './route.ts';
import { isSession, keepToken, readToken, takeTokenFromAddress } from './session.ts';
import { Shortcuts } from './shortcuts.tsx';
import { SubmitPage } from './submit.tsx';
import { TokensPage } from './tokens.tsx';
import { WebhookPage } from './webhook.tsx';
import { WebhooksPage } from './webhooks.tsx';
import { WorkerPage } from './worker.tsx';
import { RuntimesPage, WorkersPage } from './workers.tsx';

const pages = {
  executions: 'Executions',
  submit: 'Submit',
  workers: 'Workers',
  runtimes: 'Runtimes',
  packs: 'Packs',
} as const;
const pagesOfAdmin = { webhooks: 'Webhooks', keys: 'Keys', tokens: 'Tokens', audit: 'Audit' } as const;

function App() {
  const [isLoggedIn, setLoggedIn] = useState(readToken() !== undefined);
  const [reason, setReason] = useState<string>();
  useEffect(() => {
    const leave = (event: Event): void => {
      setReason(event instanceof CustomEvent ? String(event.detail) : undefined);
      setLoggedIn(false);
    };
    /* Another tab has logged in or out. */
    const listen = (): void => setLoggedIn(readToken() !== undefined);
    addEventListener('logged-out', leave);
    addEventListener('storage', listen);
    return () => {
      removeEventListener('logged-out', leave);
      removeEventListener('storage', listen);
    };
  }, []);
  const enter = (): void => {
    setReason(undefined);
    setLoggedIn(true);
  };
  const leave = async (): Promise<void> => {
    const end = isSession() ? await endSession().catch(() => null) : null;
    keepToken(undefined);
    if (end !== null) location.assign(end);
    setReason(undefined);
    setLoggedIn(false);
  };
  return isLoggedIn ? <LoggedIn onLeave={() => void leave()} /> : <LoginPage reason={reason} onDone={enter} />;
}

/** The scopes of a token do not change; that it was revoked is seen. */
const TOKEN_MS = 30_000;

function LoggedIn({ onLeave }: { onLeave(): void }) {
  const account = useLive('token', TOKEN_MS).value;
  const route = useRoute();
  const [page] = route.path;
  return (
    <Account.Provider value={account}>
      <a class="skip" href="#main">
        To the content
      </a>
      <header>
        <nav aria-label="Pages">
          {Object.entries(account?.scopes.includes('admin') ? { ...pages, ...pagesOfAdmin } : pages).map(
            ([name, title]) => (
              <a key={name} href={`#/${name}`} aria-current={name === (page || 'executions') ? 'page' : undefined}>
                {title}
              </a>
            ),
          )}
          <a href="api/v1/docs">API</a>
          <button type="button" onClick={onLeave}>
            Log out
          </button>
        </nav>
      </header>
      <Shortcuts />
      <main id="main" tabIndex={-1}>
        <Page {...route} />
      </main>
    </Account.Provider>
  );
}

const ID = /^[1-9]\d{0,14}$/;

/** The page of one thing where the address names it, and else the list of all. */
function listOrOne(argument: string | undefined, List: ComponentType, One: ComponentType<{ readonly id: number }>) {
  return ID.test(argument ?? '') ? <One key={argument} id={Number(argument)} /> : <List />;
}

/** A page, or why the token of this browser does not get it. */
function Page(route: Route) {
  const [page = ''] = route.path;
  const lack = useLack('admin');
  const title = Object.hasOwn(pagesOfAdmin, page) ? pagesOfAdmin[page as keyof typeof pagesOfAdmin] : undefined;
  if (title === undefined || lack === undefined) return <AnyPage {...route} />;
  return (
    <>
      <Heading>{title}</Heading>
      <Lack why={lack} />
    </>
  );
}

function AnyPage({ path: [page = '', argument, , line = ''], query }: Route) {
  switch (page) {
    case '':
    case 'executions':
      if (argument === undefined || argument === '') return <ExecutionsPage query={query} />;
      if (!ID.test(argument)) return <Heading>There is no execution {argument}</Heading>;
      return (
        <ExecutionPage key={argument} id={Number(argument)} marked={Number(/^L(\d+)$/.exec(line)?.[1]) || undefined} />
      );
    case 'submit':
      return <SubmitPage actionRef={argument} query={query} />;
    case 'workers':
      return listOrOne(argument, WorkersPage, WorkerPage);
    case 'runtimes':
      return <RuntimesPage />;
    case 'packs':
      return <PacksPage />;
    case 'webhooks':
      return listOrOne(argument, WebhooksPage, WebhookPage);
    case 'keys':
      return <KeysPage />;
    case 'tokens':
      return <TokensPage />;
    case 'audit':
      return <AuditPage query={query} />;
    default:
      return <Heading>There is no such page</Heading>;
  }
}

takeTokenFromAddress();
/* A page that is open already sees such an address only change; what it shows is for another token. */
addEventListener('hashchange', () => takeTokenFromAddress() && location.reload());
render(<App />, document.body);
