import { CONFINED_SCOPES, type Scope, type TokenView } from '#domain/admin-store.ts';
import type { ClientStore } from '#domain/client-store.ts';
import type { Confinement } from '#domain/confinement.ts';
import { nearest, nearestRef } from '#domain/nearest.ts';
import { failure, type Result, success } from '#domain/result.ts';

/** What a token is to be confined to, as it is asked for: neither packs nor actions: to nothing. */
interface Wanted {
  readonly packs?: readonly string[] | undefined;
  readonly actions?: readonly string[] | undefined;
}

interface Flaw {
  readonly path: 'packs' | 'actions' | 'scopes';
  readonly message: string;
}

/** What has the names of packs and actions. */
export type NamingStore = Pick<ClientStore, 'findPack' | 'findAction' | 'listPacks' | 'listActions'>;

/** The names among which one is looked for that was meant. */
const MOST_COMPARED = 1000;
/** What code that comes with requests runs as: it is no pack, and whoever may bring it is confined to nothing. */
const ADHOC = 'adhoc';

export function isConfined({ packs, actions }: Wanted): boolean {
  return packs !== undefined || actions !== undefined;
}

/**
 * Reads what a token of these scopes is to be confined to; undefined: it is not confined. The error is a name that nothing
 * has, or a scope that reaches beyond packs and actions.
 */
export async function confinementOf(
  store: NamingStore,
  { scopes, ...wanted }: Wanted & { readonly scopes: readonly Scope[] },
): Promise<Result<Confinement | undefined, Flaw>> {
  if (!isConfined(wanted)) return success(undefined);
  const beyond = scopes.filter((one) => !CONFINED_SCOPES.some((allowed) => allowed === one));
  if (beyond.length > 0)
    return failure({
      path: 'scopes',
      message: `${beyond.join(', ')}: a token that is confined to packs or actions may have ${CONFINED_SCOPES.join(' and ')} only`,
    });
  const packs = [...new Set(wanted.packs)];
  const actions = [...new Set(wanted.actions)];
  const flaw = (await flawOfPacks(store, packs)) ?? (await flawOfActions(store, actions));
  return flaw ? failure(flaw) : success({ packs, actions });
}

/** What a token may do, in the words of the audit log. */
export function describeRights({ scopes, confinedTo }: Pick<TokenView, 'scopes' | 'confinedTo'>): string {
  const rights = scopes.join(',');
  return confinedTo ? `${rights} of ${[...confinedTo.packs, ...confinedTo.actions].join(',')}` : rights;
}

async function flawOfPacks(store: NamingStore, refs: readonly string[]): Promise<Flaw | undefined> {
  for (const ref of refs) {
    if (ref !== ADHOC && (await store.findPack(ref))) continue;
    const known = (await store.listPacks({ limit: MOST_COMPARED })).map((one) => one.packRef);
    return { path: 'packs', message: `there is no pack '${ref}'${hint(nearest(ref, known))}` };
  }
  return undefined;
}

async function flawOfActions(store: NamingStore, refs: readonly string[]): Promise<Flaw | undefined> {
  for (const ref of refs) {
    if (!ref.startsWith(`${ADHOC}.`) && (await store.findAction(ref))) continue;
    const known = (await store.listActions(undefined, { limit: MOST_COMPARED })).map((one) => one.actionRef);
    return { path: 'actions', message: `there is no action '${ref}'${hint(nearestRef(ref, known))}` };
  }
  return undefined;
}

function hint(near: string | undefined): string {
  return near === undefined ? '' : `, did you mean '${near}'?`;
}
