const KEY = 'attune-token';
const SESSION = 'attune-session';
const REPLACE =
  'This address logs you in with another token than the one that you work with here. Go on only if you know who made it.';

/** The token that this browser keeps until its user logs out. */
export function readToken(): string | undefined {
  return localStorage.getItem(KEY) ?? undefined;
}

export function keepToken(token: string | undefined): void {
  localStorage.removeItem(SESSION);
  if (token === undefined) localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, token);
}

/** Whether the token was made for this browser alone, by a login with a provider. */
export function isSession(): boolean {
  return localStorage.getItem(SESSION) !== null;
}

/**
 * Takes the token out of an address with `#token=…`, if it has one, and keeps it; the token leaves the address at once. One
 * that is kept already gives way to another only where its user says so: anybody may have made the address.
 */
export function takeTokenFromAddress(): boolean {
  const [, kind, token] = /^#(token|session)=(\S+)$/.exec(location.hash) ?? [];
  if (token === undefined) return false;
  const kept = readToken();
  if (kept !== undefined && kept !== token && !confirm(REPLACE)) {
    history.replaceState(null, '', '#/executions');
    return false;
  }
  keepToken(token);
  if (kind === 'session') localStorage.setItem(SESSION, '');
  history.replaceState(null, '', '#/executions');
  return true;
}
