const NAME = 'attune-agent';

/** The verbs without those inside a group, here and not from verbs.ts, which every verb that complains would import again. */
export const VERB_NAMES = [
  'run',
  'server',
  'migrate',
  'provision',
  'webhook',
  'health',
  'submit',
  'executions',
  'logs',
  'cancel',
  'rerun',
  'artifacts',
  'workers',
  'cordon',
  'uncordon',
  'runtimes',
  'actions',
  'schedules',
  'webhooks',
  'keys',
  'packs',
  'schema',
  'environments',
  'token',
  'login',
  'contexts',
  'logout',
  'audit',
  'doctor',
  'self-test',
  'install',
  'verify',
  'licenses',
  'version',
  'completions',
  'admit',
  '_aside',
  '_orphan',
] as const;

/** Where a text means a command: the name before a verb, before an option of the call without one, or alone as an example. */
const command = new RegExp(
  `(?<![\\w/.-])${NAME}(?= (?:--[a-z]|(?:help|man|${VERB_NAMES.join('|')})(?![\\w-])))|(?<=^ {2})${NAME}$`,
  'gm',
);

/**
 * The program as a shell of this user finds it: by its name where it is on PATH, else by the path that it was called by.
 * A run from source, or under a name of somebody's own, is shown by its usual name.
 */
export function invokedName(called: string = process.argv0): string {
  const path = called.split('/').at(-1)?.startsWith(NAME) ? called : NAME;
  return shellWord(path);
}

/** A word as a shell takes it whole: in quotes, where it has characters that mean something. */
export function shellWord(text: string): string {
  return /[^\w./+:@%,=-]/.test(text) ? `'${text.replaceAll("'", `'\\''`)}'` : text;
}

/** Writes the commands of a text as they run here: `attune-agent logs 7` as `dist/attune-agent-x86_64 logs 7`. */
export function asInvoked(text: string, called: string = process.argv0): string {
  const name = invokedName(called);
  return name === NAME ? text : text.replace(command, () => name);
}
