import { isRecord } from '#domain/record.ts';
import type { Execution } from '#wire/executions.ts';

type Request = Pick<Execution, 'action_ref' | 'parameters'>;

/** The command that requests the same by curl. The token is not in it. */
export function curlOf({ action_ref: ref, parameters }: Request, address: string): string {
  const body = JSON.stringify({ action_ref: ref, parameters });
  return [
    `curl -X POST ${quoted(new URL('api/v1/executions', address).href)}`,
    '-H "Authorization: Bearer $ATTUNE_API_TOKEN"',
    "-H 'Content-Type: application/json'",
    `-d ${quoted(body)}`,
  ].join(' \\\n  ');
}

/** The command that requests the same by attune-agent. */
export function submitOf({ action_ref: ref, parameters }: Request): string {
  const given = isRecord(parameters) ? Object.entries(parameters) : [];
  const options = given.map(
    ([name, value]) => ` -p ${quoted(`${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)}`,
  );
  return `attune-agent submit ${quoted(ref)}${options.join('')}`;
}

/** Text as one word of a shell. */
function quoted(text: string): string {
  return /^[\w.,:/=@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
