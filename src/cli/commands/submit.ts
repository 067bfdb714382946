import { readFileSync } from 'node:fs';
import { type Api, openApi } from '#cli/api-client/api-client.ts';
import { awaitExecution } from '#cli/api-client/await-execution.ts';
import { chooseServer, codeWithoutServer } from '#cli/api-client/choose-server.ts';
import { ask, withApi } from '#cli/api-client/client.ts';
import { complain } from '#cli/complain.ts';
import { EXIT } from '#cli/exit-codes.ts';
import {
  awaitOptions,
  clientOptions,
  clientSettings,
  executionParameters,
  requestExitCodes,
  runtimeOption,
  timeoutOption,
} from '#cli/options.ts';
import { list, offering, option, required, type Values } from '#cli/parameter.ts';
import { type Call, defineVerb } from '#cli/verb.ts';
import { describeAction, viewOfAnswer } from '#cli/wiring/describe-action.ts';
import { readConfig } from '#cli/wiring/read-config.ts';
import { readParameters, splitPair } from '#cli/wiring/read-parameters.ts';
import { familyHere, flawOfRuntime, isScript } from '#cli/wiring/script-here.ts';
import { stopOnSignals } from '#cli/wiring/stop-on-signals.ts';
import { LEAST_PRIORITY, MOST_PRIORITY } from '#domain/action.ts';
import { TIMEOUT_FORMS, timeoutOf } from '#domain/duration-text.ts';
import { fileErrorOf } from '#domain/errors.ts';
import { failure, type Result, success } from '#domain/result.ts';
import { type Execution, type ExecutionRequest, execution } from '#wire/executions.ts';
import { action } from '#wire/packs.ts';

const options = {
  ...executionParameters(),
  key: list(
    '--key <parameter=ref>',
    'Fills one secret parameter from a stored key, by the ref of the key; may be given several times',
  ),
  runtime: runtimeOption(),
  timeout: timeoutOption('that of the action, else worker.task_timeout of the worker'),
  ...awaitOptions(),
  idempotencyKey: option(
    '--idempotency-key <key>',
    'Key of the request: a second request with this key within a day returns the same execution',
  ),
  callbackUrl: option('--callback-url <url>', 'Address that is sent a signed message at the end of the execution'),
  priority: option(
    '--priority <n>',
    `Schedules it before what waits with a lower priority (${LEAST_PRIORITY} to ${MOST_PRIORITY})`,
    {
      fallback: 'that of the action, or 0',
    },
  ),
  ...clientOptions(),
};
type SubmitOptions = Values<typeof options>;

export const verb = defineVerb({
  details:
    'With PACK.ACTION, --help describes that action and its parameters. The log is shown while it grows, and a summary goes to stderr at the end; with --format json or yaml the log goes to stderr, and the execution with its result alone is on stdout. Ctrl-C asks the server to cancel the execution; a second Ctrl-C exits without waiting for its end.',
  arguments: {
    action: offering('actions', required('action', 'PACK.ACTION, or the path of a script, which is sent along')),
  },
  options,
  settings: clientSettings,
  examples: [
    [
      "attune-agent submit sample.stats -p 'values=[3,1,4,1,5]'",
      'Runs an action on some worker, and shows its log and result',
    ],
    [
      'attune-agent submit mail.send -p to=ada@example.com --key password=system.smtp',
      'Fills the secret parameter password from the key smtp of the system',
    ],
    ['attune-agent submit ./report.py --detach', 'Sends a script along, and prints the number of the execution only'],
  ],
  exitCodes: requestExitCodes,
  help: async ([what], { sources }) => {
    if (what === undefined || isScript(what)) return undefined;
    let text: string | false = false;
    await withApi(sources, async (api) => {
      const found = await ask(api.call('GET', `actions/${encodeURIComponent(what)}`), action);
      if (found.ok) text = describeAction(viewOfAnswer(found.value), 'attune-agent submit');
      return found;
    });
    return text;
  },
  action: async ({ action: what }, given, call) => await submit(what, given, call),
});

async function submit(what: string, options: SubmitOptions, { sources }: Call): Promise<number> {
  const config = await readConfig(sources);
  if (!config) return EXIT.configuration;
  const server = chooseServer(config, sources);
  if (!server.ok) {
    await complain(server.error);
    return codeWithoutServer(sources);
  }
  const api = openApi(server.value);
  using stop = stopOnSignals();
  const created = await request(api, what, options);
  if (!created.ok) {
    await complain(created.error);
    return EXIT.usage;
  }
  const done = await awaitExecution(api, created.value, { options, stop });
  if (done.ok) return done.value;
  await complain(done.error);
  return EXIT.failure;
}

async function request(api: Api, what: string, options: SubmitOptions): Promise<Result<Execution, string>> {
  const target = await describeTarget(api, what, options);
  if (!target.ok) return target;
  const parameters = readParameters(options, target.value.schema);
  if (!parameters.ok) return parameters;
  const keys = readKeys(options.key);
  if (!keys.ok) return keys;
  const priority = readPriority(options.priority);
  if (!priority.ok) return priority;
  const seconds = readTimeout(options.timeout);
  if (!seconds.ok) return seconds;
  const headers = options.idempotencyKey === undefined ? {} : { 'idempotency-key': options.idempotencyKey };
  const body: ExecutionRequest = {
    ...target.value.body,
    parameters: parameters.value,
    ...(options.key.length > 0 && { parameter_keys: keys.value }),
    priority: priority.value,
    timeout_seconds: seconds.value,
    callback_url: options.callbackUrl,
  };
  return await ask(api.call('POST', 'executions', { body, headers }), execution);
}

function readKeys(texts: readonly string[]): Result<Readonly<Record<string, string>>, string> {
  const pairs: (readonly [string, string])[] = [];
  for (const text of texts) {
    const [name, ref = ''] = splitPair(text) ?? [''];
    if (ref === '') return failure(`--key ${text}: expected PARAMETER=REF, such as password=system.smtp`);
    if (pairs.some(([one]) => one === name)) return failure(`--key ${name}: it is given twice`);
    pairs.push([name, ref]);
  }
  return success(Object.fromEntries(pairs));
}

function readPriority(text: string | undefined): Result<number | undefined, string> {
  if (text === undefined) return success(undefined);
  const value = Number(text);
  return /^-?\d+$/.test(text) && value >= LEAST_PRIORITY && value <= MOST_PRIORITY
    ? success(value)
    : failure(`--priority: '${text}' is no whole number from ${LEAST_PRIORITY} to ${MOST_PRIORITY}`);
}

/** A request has whole seconds: a part of one counts as one. */
function readTimeout(text: string | undefined): Result<number | undefined, string> {
  if (text === undefined) return success(undefined);
  const seconds = timeoutOf(text);
  return seconds === undefined ? failure(`--timeout ${text}: ${TIMEOUT_FORMS}`) : success(Math.ceil(seconds));
}

interface Target {
  readonly body: Pick<ExecutionRequest, 'action_ref' | 'inline'>;
  /** The JSON Schema of the parameters. Undefined: there is none. */
  readonly schema: Readonly<Record<string, unknown>> | undefined;
}

/** Finds what is to run: an action of the server, or a script of this machine, which is sent along. */
async function describeTarget(api: Api, what: string, { runtime }: SubmitOptions): Promise<Result<Target, string>> {
  if (isScript(what)) return describeScript(what, runtime);
  const flaw = flawOfRuntime(what, runtime);
  if (flaw !== undefined) return failure(flaw);
  const found = await ask(api.call('GET', `actions/${encodeURIComponent(what)}`), action);
  if (!found.ok) return found;
  return success({ body: { action_ref: what }, schema: found.value.param_schema ?? undefined });
}

function describeScript(path: string, runtime: string | undefined): Result<Target, string> {
  try {
    const family = familyHere(path, runtime);
    if (!family.ok) return family;
    const inline = { runtime: family.value.name, code: readFileSync(path, 'utf8') };
    return success({ body: { inline }, schema: undefined });
  } catch (error) {
    return failure(`${path} cannot be read: ${fileErrorOf(error)}`);
  }
}
