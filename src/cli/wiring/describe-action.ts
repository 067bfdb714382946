import { asInvoked } from '#cli/invoked.ts';
import { table } from '#cli/table.ts';
import { widthOf } from '#cli/terminal.ts';
import type { Action } from '#domain/action.ts';
import type { ActionView } from '#domain/client-store.ts';
import { isRecord } from '#domain/record.ts';
import type { Action as ActionAnswer } from '#wire/packs.ts';
import { exampleCall } from './example-call.ts';

/** What an action does, its runtime, its parameters, and a call of it that begins with these words. */
export function describeAction(shown: ActionView, call: string): string {
  const { actionRef, description, label, runtime, runtimeVersion: version, requestVariables: variables } = shown;
  const rows = parametersOf(shown);
  const example =
    exampleCall([shown], runtime === undefined ? [] : [runtime]) ?? `${actionRef} --params parameters.yaml`;
  return [
    ...table([[`${actionRef}: ${description ?? label}`]], widthOf(process.stdout)),
    `Runtime  ${[runtime ?? 'none', ...(version === undefined ? [] : [version])].join(' ')}`,
    ...(variables.length === 0 ? [] : [`Environment variables that a request may set  ${variables.join(', ')}`]),
    '',
    ...(rows.length === 0 ? [NO_PARAMETERS] : table([HEADING, ...rows], widthOf(process.stdout))),
    '',
    'Example:',
    asInvoked(`  ${call} ${example}`),
    '',
  ].join('\n');
}

/** An action of a pack that is here. */
export function viewOf({ ref, label, description, pack, runtime, ...action }: Action): ActionView {
  return {
    ...{ actionRef: ref, label, description, packRef: pack.ref, runtime: runtime.name },
    ...{ runtimeVersion: action.runtimeVersion, parameterSchema: action.parameterSchema },
    requestVariables: action.requestVariables,
  };
}

/** An action of a server. */
export function viewOfAnswer({ ref, label, description, pack_ref: packRef, ...action }: ActionAnswer): ActionView {
  return {
    ...{ actionRef: ref, label, description: description ?? undefined, packRef },
    runtime: action.runtime ?? undefined,
    runtimeVersion: action.runtime_version ?? undefined,
    parameterSchema: action.param_schema ?? undefined,
    requestVariables: action.env_vars ?? [],
  };
}

const NO_PARAMETERS = 'It describes no parameters.';

const HEADING = ['PARAMETER', 'TYPE', 'REQUIRED', 'DEFAULT', 'DESCRIPTION'];

function parametersOf({ parameterSchema: schema }: ActionView): readonly (readonly string[])[] {
  const properties = isRecord(schema?.['properties']) ? schema['properties'] : {};
  const required: readonly unknown[] = Array.isArray(schema?.['required']) ? schema['required'] : [];
  return Object.entries(properties).map(([name, one]) => {
    const { default: initial, description } = isRecord(one) ? one : {};
    return [
      ...[name, typeOf(one), required.includes(name) ? 'yes' : ''],
      ...[initial === undefined ? '' : JSON.stringify(initial), typeof description === 'string' ? description : ''],
    ];
  });
}

/** The type of a parameter, or the values that it may have, and whether it is secret. */
function typeOf(parameter: unknown): string {
  const { type, enum: allowed, secret } = isRecord(parameter) ? parameter : {};
  const types = Array.isArray(type) ? type.join(' or ') : type;
  const kind = Array.isArray(allowed) ? allowed.map((one) => JSON.stringify(one)).join(' or ') : types;
  return `${typeof kind === 'string' ? kind : 'any'}${secret === true ? ', secret' : ''}`;
}
