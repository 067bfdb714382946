import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { messageOf } from '#domain/errors.ts';
import { get } from './api.ts';
import { ExecutionPage } from './execution.tsx';
import { useRoute } from './hooks.ts';
import { ExecutionsPage, RuntimesPage, WorkersPage } from './lists.tsx';
import { Heading, Trouble } from './parts.tsx';
import { keepToken, readToken, takeTokenFromAddress } from './session.ts';
import { SubmitPage } from './submit.tsx';

const pages = { executions: 'Executions', submit: 'Submit', workers: 'Workers', runtimes: 'Runtimes' } as const;

function App() {
  const [isLoggedIn, setLoggedIn] = useState(readToken() !== undefined);
  useEffect(() => {
    const leave = (): void => setLoggedIn(false);
    addEventListener('logged-out', leave);
    return () => removeEventListener('logged-out', leave);
  }, []);
  const { path, query } = useRoute();
  const [page = '', argument] = path;
  if (!isLoggedIn) return <LoginPage onDone={() => setLoggedIn(true)} />;
  const leave = (): void => {
    keepToken(undefined);
    setLoggedIn(false);
  };
  return (
    <>
      <a class="skip" href="#main">
        To the content
      </a>
      <header>
        <nav aria-label="Pages">
          {Object.entries(pages).map(([name, title]) => (
            <a key={name} href={`#/${name}`} aria-current={name === (page || 'executions') ? 'page' : undefined}>
              {title}
            </a>
          ))}
          <a href="api/v1/docs">API</a>
          <button type="button" onClick={leave}>
            Log out
          </button>
        </nav>
      </header>
      <main id="main">
        <Page page={page} argument={argument} query={query} />
      </main>
    </>
  );
}

interface PageProps {
  readonly page: string;
  readonly argument: string | undefined;
  readonly query: URLSearchParams;
}

function Page({ page, argument, query }: PageProps) {
  switch (page) {
    case '':
    case 'executions':
      if (argument === undefined || argument === '') return <ExecutionsPage query={query} />;
      if (!/^[1-9]\d{0,14}$/.test(argument)) return <Heading>There is no execution {argument}</Heading>;
      return <ExecutionPage key={argument} id={Number(argument)} />;
    case 'submit':
      return <SubmitPage actionRef={argument} />;
    case 'workers':
      return <WorkersPage />;
    case 'runtimes':
      return <RuntimesPage />;
    default:
      return <Heading>There is no such page</Heading>;
  }
}

function LoginPage({ onDone }: { onDone(): void }) {
  const [problem, setProblem] = useState<string>();
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    keepToken(String(form.get('token')).trim());
    try {
      await get('openapi.json');
      onDone();
    } catch (error) {
      keepToken(undefined);
      setProblem(messageOf(error));
    }
  };
  return (
    <main class="login">
      <Heading>Attune</Heading>
      <form onSubmit={submit}>
        <label class="field">
          <span>Token</span>
          <input type="password" name="token" required autocomplete="off" />
          <small>
            Printed once by the first start; <code>attune-agent token create --name NAME --scope read,submit</code>{' '}
            makes another.
          </small>
        </label>
        <Trouble problem={problem} />
        <button type="submit" class="primary">
          Log in
        </button>
      </form>
    </main>
  );
}

takeTokenFromAddress();
render(<App />, document.body);
