import type { z } from '@hono/zod-openapi';
import type { Parameters } from '#domain/action.ts';
import type { TokenHolder } from '#domain/admin-store.ts';
import type { ActionView, ClientStore, ExecutionRequest } from '#domain/client-store.ts';
import { type Confinement, letsThrough, letsThroughPack } from '#domain/confinement.ts';
import { families, findFamily } from '#domain/families.ts';
import { HIDDEN_VALUE } from '#domain/masks.ts';
import { nearest, nearestRef } from '#domain/nearest.ts';
import { isRecord } from '#domain/record.ts';
import { steersPrograms } from '#domain/request-variables.ts';
import { tooManySecrets } from '#domain/secret-bounds.ts';
import type { Turn } from '#domain/turns.ts';
import { flawOfConstraint } from '#domain/version-constraint.ts';
import { secretParameters, withoutRequired } from '#packs/parameter-schema.ts';
import type { PackProblem } from '#packs/read-yaml.ts';
import { takeSecrets } from '#packs/secret-output.ts';
import type { executionRequest } from '#wire/executions.ts';
import { allows } from './auth.ts';
import type { ApiDependencies } from './dependencies.ts';
import { checkParameterKeys, type ParameterKeys, withMasks } from './parameter-keys.ts';
import { Problem } from './problem.ts';

interface PrepareDependencies extends Pick<ApiDependencies, 'store' | 'packs' | 'settings'> {
  /** Awaited before what was asked for is looked through. */
  readonly turn: Turn;
}

/** Checks all that can be checked before anything is stored, and what the caller may ask for. */
export async function prepareRequest(
  deps: PrepareDependencies,
  body: Body,
  caller: TokenHolder,
): Promise<ExecutionRequest> {
  const { parameter_keys: parameterKeys = {} } = body;
  const common = {
    envVars: body.env_vars,
    timeoutSeconds: body.timeout_seconds,
    maxRetries: body.max_retries,
    priority: body.priority,
    selector: body.worker_selector,
  };
  if (body.inline) return { ...common, ...prepareInline(body, body.inline, caller), parameters: body.parameters };
  const actionRef = body.action_ref ?? '';
  await deps.packs.refresh();
  const action = await deps.store.findAction(actionRef);
  if (!action || !letsThrough(caller.confinedTo, actionRef)) throw await unknownAction(deps, actionRef, caller);
  checkVariables(common, action);
  await checkParameterKeys(deps, action, { keys: parameterKeys, given: body.parameters, caller });
  const keys = await keysFor(deps, action, body.parameters);
  await deps.turn();
  refuseMasks(action, body.parameters);
  const schema = withoutRequired(action.parameterSchema, [...keys, ...Object.keys(parameterKeys)]);
  const checked = await deps.packs.work.checkParameters(body.parameters, schema);
  if (!checked.ok)
    throw new Problem('invalid-parameters', `${actionRef}: ${checked.error.join('; ')}`, {
      errors: checked.error.flatMap(errorOfParameter),
    });
  return { ...common, actionRef, ...maskSecrets(deps, action, { given: checked.value, keys: parameterKeys }) };
}

type Body = z.infer<typeof executionRequest>;

/** Checks code that comes with a request. */
function prepareInline(
  body: Body,
  { runtime: given, code, ...options }: NonNullable<Body['inline']>,
  caller: TokenHolder,
): Pick<ExecutionRequest, 'actionRef' | 'inline'> {
  checkInline(caller);
  checkVariables({ envVars: body.env_vars }, undefined);
  if (Object.keys(body.parameter_keys ?? {}).length > 0)
    throw new Problem('invalid-parameters', 'parameter_keys: only an action has secret parameters, and code has none');
  const runtime = findFamily(given)?.name;
  if (runtime === undefined) throw unknownRuntime(given);
  const flaw = options.runtime_version === undefined ? undefined : flawOfConstraint(options.runtime_version);
  if (flaw !== undefined) throw new Problem('invalid-runtime', flaw);
  return { actionRef: `adhoc.${runtime}`, inline: { runtime, code, options } };
}

/** What answers show of a secret is no secret: an action that got it would do its work with nonsense. */
function refuseMasks({ actionRef, parameterSchema }: ActionView, given: Parameters): void {
  const masks = takeSecrets(given, parameterSchema).secrets.filter(({ value }) => value === HIDDEN_VALUE);
  if (masks.length === 0) return;
  const message = `${HIDDEN_VALUE} is what is shown of a secret, not the secret: give that, or leave it out and store it as a key`;
  const errors = masks.map(({ path }) => ({ path: `parameters.${path}`, message }));
  const paths = masks.map(({ path }) => path).join(', ');
  throw new Problem('invalid-parameters', `${actionRef}: ${paths}: ${message}`, { errors });
}

/** The place that a sentence about a parameter names, and what it says of it. */
function errorOfParameter(sentence: string): readonly { readonly path: string; readonly message: string }[] {
  const [, path, message = ''] = /^parameter '([^']*)':? (.*)$/s.exec(sentence) ?? [];
  return path === undefined ? [] : [{ path: `parameters.${path}`, message }];
}

/** The parameters with masks for the secret ones and, where there are any, as they were given: to be stored encrypted. */
function maskSecrets(
  { settings }: Pick<PrepareDependencies, 'settings'>,
  { actionRef, parameterSchema }: ActionView,
  { given, keys }: { readonly given: Parameters; readonly keys: ParameterKeys },
): Pick<ExecutionRequest, 'parameters' | 'unmasked' | 'parameterKeys'> {
  const names = Object.keys(keys);
  const own = Object.fromEntries(Object.entries(given).filter(([name]) => !names.includes(name)));
  const { data, secrets } = takeSecrets(own, parameterSchema);
  if ((secrets.length === 0 && names.length === 0) || !isRecord(data)) return { parameters: given };
  const tooMany = tooManySecrets(secrets.map(({ value }) => value));
  if (tooMany !== undefined) throw new Problem('invalid-parameters', `${actionRef}: ${tooMany}`);
  if (settings.hasCipher)
    return { parameters: withMasks(data, names), unmasked: own, ...(names.length > 0 && { parameterKeys: keys }) };
  const paths = secrets.map(({ path }) => path).join(', ');
  throw new Problem(
    'not-configured',
    `${actionRef}: ${paths}: secret parameters cannot be encrypted: set ATTUNE__SECURITY__ENCRYPTION_KEY on the server`,
  );
}

/** The names of keys that will stand in for secret parameters which were not given. */
async function keysFor(
  { store }: PrepareDependencies,
  { actionRef, packRef, parameterSchema }: ActionView,
  given: Parameters,
): Promise<readonly string[]> {
  const missing = secretParameters(parameterSchema).filter((name) => given[name] === undefined);
  if (missing.length === 0) return [];
  return await store.findKeyNames({ actionRef, packRef }, missing);
}

/** Checks that the caller may ask once more for what an execution was asked for, by somebody else or long ago. */
export async function prepareRepeated(
  deps: PrepareDependencies,
  request: ExecutionRequest,
  caller: TokenHolder,
): Promise<ExecutionRequest> {
  await deps.packs.refresh();
  if (request.inline) checkInline(caller);
  const action = request.inline ? undefined : await deps.store.findAction(request.actionRef);
  checkVariables(request, action);
  await deps.turn();
  if (action) checkComplete(request, action);
  if (!action) return request;
  const { parameterKeys: keys = {}, unmasked: given = request.parameters } = request;
  await checkParameterKeys(deps, action, { keys, given, caller });
  return { ...request, ...maskSecrets(deps, action, { given, keys }) };
}

/** Parameters that were hidden without a key to encrypt them cannot be given to the action again. */
function checkComplete({ unmasked, parameters, original }: ExecutionRequest, { parameterSchema }: ActionView): void {
  const { secrets } = takeSecrets(unmasked ?? parameters, parameterSchema);
  const gone = secrets.filter(({ value }) => value === HIDDEN_VALUE).map(({ path }) => path);
  if (gone.length > 0)
    throw new Problem(
      'invalid-parameters',
      `execution ${original}: ${gone.join(', ')}: its secret parameters are not stored any more: request it anew, with them`,
    );
}

function checkInline(caller: TokenHolder): void {
  if (!allows(caller, 'inline'))
    throw new Problem(
      'missing-scope',
      `token '${caller.name}' has no scope 'inline', which code that comes with a request needs (it has: ${caller.scopes.join(', ')})`,
    );
}

/** An action gets those variables only that its file names; code of the caller's own, all that steer no program. */
function checkVariables({ envVars = {} }: Pick<ExecutionRequest, 'envVars'>, action: ActionView | undefined): void {
  const names = Object.keys(envVars);
  const steering = names.filter(steersPrograms);
  if (steering.length > 0)
    throw new Problem(
      'invalid-parameters',
      `env_vars: ${steering.join(', ')}: decides what programs run or load, so no request may set it`,
    );
  const open = action?.requestVariables ?? [];
  const closed = action ? names.filter((name) => !open.includes(name)) : [];
  if (closed.length > 0)
    throw new Problem(
      'invalid-parameters',
      `env_vars: ${closed.join(', ')}: not among those that ${action?.actionRef} opens to requests (env_vars in its file: ${open.join(', ') || 'none'})`,
    );
}

/** The actions among which one is looked for that has nearly the name. */
const MOST_COMPARED = 1000;

/**
 * Says why there is no such action: it could not be loaded, or what it may have been meant to be. Callers that may not
 * read learn of no action that they do not name.
 */
export async function unknownAction(
  { store, packs }: { readonly store: ClientStore; readonly packs: Pick<ApiDependencies['packs'], 'problems'> },
  actionRef: string,
  caller?: TokenHolder,
): Promise<Problem> {
  if (!caller || !allows(caller, 'read')) return new Problem('action-not-found', `there is no action '${actionRef}'`);
  const packRef = actionRef.slice(0, Math.max(0, actionRef.indexOf('.')));
  const { confinedTo } = caller;
  const problems = problemsSeen(packs.problems(), confinedTo);
  const why = problems.find(({ ref }) => ref === actionRef) ?? problems.find(({ ref }) => ref === packRef);
  if (why) return new Problem('action-not-found', `${actionRef} could not be loaded: ${why.message}`);
  const refs = (await store.listActions(undefined, { limit: MOST_COMPARED, confinedTo })).map((one) => one.actionRef);
  const near = nearestRef(actionRef, refs);
  const hint = near
    ? `, did you mean '${near}'?`
    : refs.length === 0
      ? ' (there are none: attune-agent packs list shows the packs)'
      : ` (there are ${refs.length}${refs.length < MOST_COMPARED ? '' : ' and more'}: attune-agent actions)`;
  return new Problem('action-not-found', `there is no action '${actionRef}'${hint}`);
}

/** What could not be loaded, as far as a confinement lets it through. */
export function problemsSeen(
  problems: readonly PackProblem[],
  confinedTo: Confinement | undefined,
): readonly PackProblem[] {
  return problems.filter(({ ref = '' }) =>
    ref.includes('.') ? letsThrough(confinedTo, ref) : letsThroughPack(confinedTo, ref),
  );
}

function unknownRuntime(name: string): Problem {
  const names = families.map((one) => one.name);
  const near = nearest(name, names);
  return new Problem(
    'invalid-runtime',
    `there is no runtime '${name}'${near ? `, did you mean '${near}'?` : ` (known: ${names.join(', ')})`}`,
  );
}
