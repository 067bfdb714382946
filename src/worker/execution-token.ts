import { signJsonWebToken } from '#crypto/json-web-token.ts';
import type { ClaimedExecution } from '#domain/claimed-execution.ts';
import type { Clock } from '#domain/clock.ts';
import type { Masker } from '#execution/masking/masker.ts';
import type { ScriptRequest } from '#execution/script/open-script.ts';

/** Seconds for which a token outlives the time limit of its execution. */
const SPARE_SECONDS = 60;
/** The identity that Attune's Rust control plane has for executions of which it knows no other. */
const SYSTEM_IDENTITY = '1';

interface TokenTerms {
  /** The secret of the API, with which it signs its own tokens too; undefined: no token can be made. */
  readonly tokenSecret: string | undefined;
  readonly clock: Pick<Clock, 'now'>;
  readonly masker: Pick<Masker, 'add'>;
}

/**
 * Gives a script of Attune's Rust control plane the token by which it may call its API while it runs, and masks it. A
 * script gets none if no permission set is named for its execution. The clock of the token begins with the script, not
 * with what its environment takes.
 */
export function withExecutionToken(
  request: ScriptRequest,
  claimed: Pick<ClaimedExecution, 'execution' | 'actionRef' | 'joined'>,
  { tokenSecret: secret, clock, masker }: TokenTerms,
): ScriptRequest {
  const token = tokenOf(claimed, { secret, timeoutMs: request.limits.timeoutMs, now: clock.now() });
  if (token === undefined) return request;
  masker.add(token);
  return { ...request, variables: { ...request.variables, ATTUNE_API_TOKEN: token } };
}

function tokenOf(
  { execution, actionRef, joined }: Pick<ClaimedExecution, 'execution' | 'actionRef' | 'joined'>,
  { secret, timeoutMs, now }: { readonly secret: string | undefined; readonly timeoutMs: number; readonly now: number },
): string | undefined {
  if (!joined || joined.permissionSets.length === 0 || secret === undefined) return undefined;
  const actions = [...new Set([actionRef, ...(joined.workflowRef === undefined ? [] : [joined.workflowRef])])].sort();
  const issued = Math.floor(now / 1000);
  const claims = {
    sub: joined.identity ?? SYSTEM_IDENTITY,
    login: `execution:${execution}`,
    iat: issued,
    exp: issued + Math.ceil(timeoutMs / 1000) + SPARE_SECONDS,
    token_type: 'execution',
    scope: 'execution',
    metadata: {
      execution_id: Number(execution),
      action_ref: actionRef,
      permission_set_refs: joined.permissionSets,
      standard_access_action_refs: actions,
      standard_access_pack_refs: actions.map((ref) => ref.split('.', 1)[0]),
    },
  };
  return signJsonWebToken(claims, secret);
}
