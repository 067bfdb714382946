import type { Execution } from '#wire/executions.ts';
import { withoutHidden } from './hidden.ts';

type Request = Pick<Execution, 'action_ref' | 'parameters'>;

/** The command that requests the same by curl. Neither the token nor what is hidden of the parameters is in it. */
export function curlOf({ action_ref: ref, parameters }: Request, address: string): string {
  const { values, hidden } = withoutHidden(parameters);
  const body = JSON.stringify({ action_ref: ref, parameters: values });
  const command = [
    `curl -X POST ${quoted(new URL('api/v1/executions', address).href)}`,
    '-H "Authorization: Bearer $ATTUNE_API_TOKEN"',
    "-H 'Content-Type: application/json'",
    `-d ${quoted(body)}`,
  ];
  return `${commentOn(hidden)}${command.join(' \\\n  ')}`;
}

/** The command that requests the same by attune-agent, without what is hidden of the parameters. */
export function submitOf({ action_ref: ref, parameters }: Request): string {
  const { values, hidden } = withoutHidden(parameters);
  const options = Object.entries(values).map(
    ([name, value]) => ` -p ${quoted(`${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)}`,
  );
  return `${commentOn(hidden)}attune-agent submit ${quoted(ref)}${options.join('')}`;
}

function commentOn(hidden: readonly string[]): string {
  return hidden.length === 0 ? '' : `# without what is hidden: ${hidden.join(', ')}\n`;
}

/** Text as one word of a shell. */
function quoted(text: string): string {
  return /^[\w.,:/=@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
