const KEY = 'attune-token';

/** The token that this browser keeps until its user logs out. */
export function readToken(): string | undefined {
  return localStorage.getItem(KEY) ?? undefined;
}

export function keepToken(token: string | undefined): void {
  if (token === undefined) localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, token);
}

/** Takes the token out of an address with `#token=…` and logs in with it; the token leaves the address at once. */
export function takeTokenFromAddress(): void {
  const [, token] = /^#token=(\S+)$/.exec(location.hash) ?? [];
  if (token === undefined) return;
  keepToken(token);
  history.replaceState(null, '', '#/executions');
}
