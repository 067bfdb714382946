import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { TokenInfo } from '#wire/server.ts';

/** The token of this browser; undefined: not known yet. */
export const Account = createContext<TokenInfo | undefined>(undefined);

/** Why the token of this browser may not do what needs `scope`; undefined: it may. */
export function useLack(scope: string): string | undefined {
  const account = useContext(Account);
  if (account === undefined || account.scopes.includes('admin') || account.scopes.includes(scope)) return undefined;
  return `The token '${account.name}' has no scope '${scope}' (it has: ${account.scopes.join(', ')}).`;
}

/** Says why buttons cannot be used. */
export function Lack({ why }: { readonly why: string | undefined }) {
  return why === undefined ? null : <p class="lack">{why}</p>;
}
