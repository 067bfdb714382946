import type { Parameters } from '#domain/action.ts';
import type { KeyView, TokenHolder } from '#domain/admin-store.ts';
import type { ActionView, ExecutionRequest } from '#domain/client-store.ts';
import { HIDDEN_VALUE } from '#domain/masks.ts';
import { secretParameters } from '#packs/parameter-schema.ts';
import { allows } from './auth.ts';
import type { ApiDependencies } from './dependencies.ts';
import { Problem } from './problem.ts';

export type ParameterKeys = NonNullable<ExecutionRequest['parameterKeys']>;

/**
 * Checks that the parameters may get the values of these keys, and that the caller may use them: those of the action and
 * of its pack, which reach the action anyway; any other one with scope `admin` alone. Who may not learns nothing about it.
 */
export async function checkParameterKeys(
  { store, settings }: Pick<ApiDependencies, 'store' | 'settings'>,
  action: ActionView,
  { keys, given, caller }: { readonly keys: ParameterKeys; readonly given: Parameters; readonly caller: TokenHolder },
): Promise<void> {
  if (Object.keys(keys).length > 0 && !settings.hasCipher)
    throw new Problem('not-configured', 'keys cannot be decrypted: set ATTUNE__SECURITY__ENCRYPTION_KEY on the server');
  const secrets = secretParameters(action.parameterSchema);
  for (const [name, ref] of Object.entries(keys)) {
    if (!secrets.includes(name))
      throw refusal(action, name, `no secret parameter of the action (it has: ${secrets.join(', ') || 'none'})`);
    if (given[name] !== undefined) throw refusal(action, name, 'has a value and a key: give one of them');
    const key = await store.findKey(ref);
    if (!(key && mayUse(caller, key, action))) throw refusal(action, name, lackOf(ref, caller));
  }
}

/** Parameters as they are shown, where those of these names get their values from keys. */
export function withMasks(parameters: Parameters, names: readonly string[]): Parameters {
  return { ...parameters, ...Object.fromEntries(names.map((name) => [name, HIDDEN_VALUE])) };
}

function mayUse(caller: TokenHolder, { ownerType, owner }: KeyView, { actionRef, packRef }: ActionView): boolean {
  if (allows(caller, 'admin')) return true;
  return (ownerType === 'action' && owner === actionRef) || (ownerType === 'pack' && owner === packRef);
}

function lackOf(ref: string, caller: TokenHolder): string {
  return allows(caller, 'admin')
    ? `there is no key '${ref}': attune-agent keys list`
    : `there is no key '${ref}' of the action or its pack, and keys of others need the scope admin`;
}

function refusal({ actionRef }: ActionView, name: string, message: string): Problem {
  return new Problem('invalid-parameters', `${actionRef}: parameter_keys.${name}: ${message}`, {
    errors: [{ path: `parameters.${name}`, message }],
  });
}
