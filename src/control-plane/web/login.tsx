import { useEffect, useState } from 'preact/hooks';
import { messageOf } from '#domain/errors.ts';
import { get, hasProvider } from './api.ts';
import { Heading, Trouble } from './parts.tsx';
import { keepToken } from './session.ts';

interface LoginProps {
  /** Why whoever was logged in is not any more. */
  readonly reason: string | undefined;
  onDone(): void;
}

export function LoginPage({ reason, onDone }: LoginProps) {
  const [problem, setProblem] = useState<string>();
  const [isOffered, setOffered] = useState(false);
  useEffect(() => {
    hasProvider().then(setOffered, () => {});
  }, []);
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    keepToken(String(form.get('token')).trim());
    try {
      await get('token');
      onDone();
    } catch (error) {
      keepToken(undefined);
      setProblem(messageOf(error));
    }
  };
  return (
    <main class="login">
      <Heading>Attune</Heading>
      {isOffered && (
        <p>
          <a class="button primary" href="auth/login">
            Log in with your organisation
          </a>
        </p>
      )}
      <form onSubmit={submit}>
        <label class="field">
          <span>Token</span>
          <input type="password" name="token" required autocomplete="off" />
          <small>
            Printed once by the first start; <code>attune-agent token create --name NAME --scope read,submit</code>{' '}
            makes another.
          </small>
        </label>
        <Trouble problem={problem ?? (reason === undefined ? undefined : `You were logged out: ${reason}`)} />
        <button type="submit" class="primary">
          Log in
        </button>
      </form>
    </main>
  );
}
