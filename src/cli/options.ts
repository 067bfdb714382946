import { EXIT } from './exit-codes.ts';
import { choice, flag, list, offering, option, type Parameter } from './parameter.ts';

/* The options that several verbs share. Each is a function, so that the file of a verb lists what the verb takes. */

export function configOption(): Parameter<string | undefined> {
  return option('-c, --config <file>', 'YAML file with settings', { variable: 'ATTUNE_CONFIG' });
}

/** The option --format. The first format is the default. */
export function formatOption<F extends string>(...formats: readonly [F, ...F[]]): Parameter<F> {
  return choice('-o, --format <format>', formats, 'Format of the output');
}

/** The formats of an answer: what people read, or all of it for programs. */
const ANSWER_FORMATS = ['text', 'json', 'yaml'] as const;
export type AnswerFormat = (typeof ANSWER_FORMATS)[number];

export function answerFormatOption(): Parameter<AnswerFormat> {
  return formatOption(...ANSWER_FORMATS);
}

/** The formats of a list: a table that fits the terminal, one as wide as it must be, the whole answer, or names alone. */
const LIST_FORMATS = ['text', 'wide', 'json', 'yaml', 'name'] as const;
export type ListFormat = (typeof LIST_FORMATS)[number];

/** Whether a format is a table, for people. */
export function isTable(format: ListFormat): format is 'text' | 'wide' {
  return format === 'text' || format === 'wide';
}

export function listFormatOption(): Parameter<ListFormat> {
  return formatOption(...LIST_FORMATS);
}

function watchOption(): Parameter<true | undefined> {
  return flag('-w, --watch', 'Looks again every two seconds and shows what has changed, until Ctrl-C');
}

/** The option --runtime of every verb that takes a script instead of an action. */
export function runtimeOption(): Parameter<string | undefined> {
  return offering(
    'runtimes',
    option('--runtime <name>', 'Runtime that runs the script', {
      fallback: 'what its first line says, else its extension',
    }),
  );
}

export function timeoutOption(fallback: string): Parameter<string | undefined> {
  return option('--timeout <duration>', 'Time limit of the execution: seconds, or such as 5m and 1h30m', { fallback });
}

export function apiUrlOption(sentence: string, fallback: string): Parameter<string | undefined> {
  return option('--api-url <url>', sentence, { setting: 'api_url', fallback });
}

export function apiTokenOption(): Parameter<string | undefined> {
  return option('--api-token <token>', 'Token for the API; - reads it from stdin', { setting: 'api_token' });
}

/** The options of every verb that calls the API of a server. */
export const clientOptions = () => ({
  apiUrl: apiUrlOption(
    'Address of the Attune server, whose token is read from ATTUNE_API_TOKEN, else from what login has kept',
    'the address that login has kept, else http://127.0.0.1:8080',
  ),
  context: offering(
    'contexts',
    option('--context <name>', 'Login to use, of those that attune-agent contexts lists', {
      setting: 'api_context',
      fallback: 'the current one',
    }),
  ),
  config: configOption(),
  format: answerFormatOption(),
});

/** The options of every verb that lists what a server has. */
export const listOptions = () => ({ ...clientOptions(), format: listFormatOption(), watch: watchOption() });

export function nameOption(sentence: string, fallback: string): Parameter<string | undefined> {
  return option('-n, --name <name>', sentence, { setting: 'worker.name', fallback });
}

export function portOption(sentence: string): Parameter<string | undefined> {
  return option('--port <port>', sentence, { setting: 'server.port', fallback: '8080' });
}

export function dataOption(sentence: string): Parameter<string | undefined> {
  return option('--data <directory>', sentence, { setting: 'data_dir', fallback: '~/.local/state/attune-agent' });
}

export function packsOption(): Parameter<string | undefined> {
  return option('--packs <directory>', 'Directory that holds the packs', {
    setting: 'packs_base_dir',
    fallback: 'packs',
  });
}

/** The options of every verb that requests an execution: what it shows until the end, if it waits for that. */
export const awaitOptions = () => ({
  follow: flag('--follow', 'Shows the log while it grows, which is what happens without --wait', {
    conflicts: ['wait', 'detach'],
  }),
  wait: flag('--wait', 'Shows no log, and waits for the end', { conflicts: ['detach'] }),
  detach: flag('--detach', 'Prints the number of the execution and exits'),
  raw: rawOption(),
});

/** What the exit code of a verb says that requests an execution. */
export const requestExitCodes = {
  [EXIT.success]: 'the execution completed, or was requested with --detach',
  [EXIT.failure]: 'the execution did not complete',
  [EXIT.usage]: 'the request was refused',
  [EXIT.timedOut]: 'the execution timed out',
  [EXIT.interrupted]: 'interrupted by Ctrl-C',
} as const;

/** The option --raw of every verb that shows what actions write. */
export function rawOption(): Parameter<boolean | undefined> {
  return flag('--raw', 'Writes what actions print as it is to a terminal too, which it may then steer');
}

export const clientSettings = ['server.host', 'server.port', 'api_url', 'api_token', 'api_context'];

/** The options of every verb that works on the database itself. */
export const databaseOptions = () => ({
  data: dataOption('Data directory of --standalone, used when database.url is not set'),
  config: configOption(),
  format: answerFormatOption(),
});

export const databaseSettings = ['database', 'data_dir'];

/** The options of every verb that works on the pack environments of this machine. */
export const environmentOptions = () => ({
  directory: option('--directory <directory>', 'Directory that holds the environments', {
    setting: 'runtime_envs_dir',
    fallback: 'a directory beside the private directories of executions',
  }),
  config: configOption(),
  format: answerFormatOption(),
});

export const localEnvironmentSettings = ['runtime_envs_dir', 'work_dir'];

export const executionParameters = () => ({
  param: list('-p, --param <key=value>', 'Sets one parameter, and wins over --params; may be given several times'),
  params: option('--params <file>', 'Reads parameters from a JSON or YAML file; - reads stdin'),
});

export const signatureOptions = (signed: string) => ({
  publicKey: option(
    '--public-key <pem>',
    `Refuses ${signed} unless this key has signed it: PEM text, or a file with it`,
    {
      variable: 'ATTUNE_AGENT_PUBLIC_KEY',
      fallback: 'no signature is asked for',
    },
  ),
  signature: option('--signature <file>', `Signature of ${signed}`, {
    fallback: 'the file beside it whose name ends in .sig',
  }),
});
