import { askAmqp } from '#adapters/broker/amqp/ask.ts';
import { askDatabase } from '#adapters/store/postgres/ask.ts';
import { askAboutLogin, loginHere } from '#cli/api-client/login-check.ts';
import type { Login } from '#cli/api-client/logins.ts';
import { EXIT } from '#cli/exit-codes.ts';
import { answerFormatOption, clientOptions, configOption } from '#cli/options.ts';
import { option, words, wordsIn } from '#cli/parameter.ts';
import { tableRows } from '#cli/table.ts';
import { paint, widthOf, withProgress, write } from '#cli/terminal.ts';
import { type Call, defineVerb } from '#cli/verb.ts';
import { VERSION } from '#cli/version.ts';
import { systemClock } from '#cli/wiring/clock.ts';
import { refusesExposed, sandboxOf, secretFilesOf } from '#cli/wiring/open-sandbox.ts';
import { placesOf } from '#cli/wiring/places-of.ts';
import { readConfigHere } from '#cli/wiring/read-config.ts';
import { answerIn } from '#cli/wiring/write-answer.ts';
import type { Config } from '#config/schema.ts';
import { secretValues } from '#config/secret-values.ts';
import { containerChecks } from '#doctor/container.ts';
import { examine } from '#doctor/examine.ts';
import { type Answer, broken, CHECKS, type Check, type Finding, ok, skipped, warning } from '#doctor/finding.ts';
import { networkChecks } from '#doctor/network.ts';
import { trials } from '#doctor/trials.ts';
import { type Result, success } from '#domain/result.ts';
import { IS_STATIC_FILE } from '#domain/static-file.ts';
import { createMasker } from '#execution/masking/masker.ts';
import { writableHome } from '#execution/process/writable-home.ts';
import { inspectHost } from '#execution/runtimes/host.ts';
import { surveySandbox } from '#execution/sandbox/sandbox.ts';
import { findWorkPlace } from '#execution/script/work-place.ts';
import { tryPlace } from '#worker/places.ts';

export const verb = defineVerb({
  details:
    'It tries what a worker needs: executable directories, devices, names, certificates, the clock, database and broker, limits, and the login: whether the server takes its token, and for what. Run it with the settings of the worker.',
  arguments: {},
  options: {
    only: words(
      CHECKS,
      option('--only <checks>', 'Names of the checks to run; several with commas', { fallback: 'all' }),
    ),
    context: clientOptions().context,
    config: configOption(),
    format: answerFormatOption(),
  },
  settings: [
    'database',
    'message_queue',
    'worker.execution_user',
    'limits',
    'api_url',
    'api_token',
    'api_context',
    'runtime_envs_dir',
    'work_dir',
    'worker.spool_dir',
    'artifacts',
  ],
  examples: [
    ['attune-agent doctor', 'Examines this container'],
    ['attune-agent doctor --only sandbox,clock', 'Runs two of the checks'],
  ],
  exitCodes: {
    [EXIT.success]: 'everything will work, though there may be warnings',
    [EXIT.failure]: 'something will not work',
  },
  action: async (_, { only, format }, { env, sources }) => {
    const config = await readConfigHere(sources);
    if (!config) return EXIT.configuration;
    const checks = checksOf(config, { env, sources });
    const wanted: readonly string[] = only === undefined ? CHECKS : wordsIn(only);
    const chosen = checks.filter((check) => wanted.includes(check.name));
    const findings = await withProgress('Examining this container', examine(chosen));
    const isWell = findings.every((one) => one.state !== 'failure');
    const text = await answerIn(format, { ok: isWell, findings }, describe(findings));
    await write(process.stdout, createMasker(secretValues(config)).text(text));
    return isWell ? EXIT.success : EXIT.failure;
  },
});

function checksOf(config: Config, { env, sources }: Call): readonly Check[] {
  const place = findWorkPlace(env, config);
  const self = IS_STATIC_FILE ? process.execPath : undefined;
  const workDirectory = place.ok ? success(place.value.root) : place;
  const login = loginHere(config, sources);
  const servers = {
    databaseUrl: config.database.url,
    brokerUrl: config.message_queue.url,
    serverUrl: config.api_url ?? (login.ok ? login.value?.api_url : undefined),
    askDatabase,
    askBroker: askAmqp,
  };
  return [
    ...containerChecks(inspectHost(env), { path: env['HOME'], isWritable: writableHome(env) !== undefined }),
    ...trials({ workDirectory, self }),
    { name: 'places', examine: async () => await placesCheck(config, place) },
    { name: 'secrets', examine: async () => secretsCheck(config, sources) },
    { name: 'sandbox', examine: async () => sandboxCheck(config, place, self) },
    ...networkChecks(servers, env),
    { name: 'login', examine: async () => await loginCheck(login, config.api_token !== undefined) },
  ];
}

/** Fails if a directory that the worker writes to cannot be written to: it would take nothing. */
async function placesCheck(config: Config, workPlace: ReturnType<typeof findWorkPlace>): Promise<Answer> {
  if (!workPlace.ok) return skipped('there is no work directory');
  const places = placesOf(config, workPlace.value).filter((one) => one.isWatched);
  const found = await Promise.all(places.map((one) => tryPlace(one, systemClock)));
  const troubles = found.flatMap((one) => one ?? []);
  if (troubles.length === 0) return ok(`${places.map((one) => one.name).join(', ')}: can be written to`);
  return broken(
    troubles.map(({ word, why }) => `${word}: ${why}`).join('; '),
    'a worker takes nothing until it can write there: make room, or mount it anew',
  );
}

/** Fails if the server refuses the configured token; one that login has kept is no more than a warning. */
async function loginCheck(found: Result<Login | undefined, string>, isConfigured: boolean): Promise<Answer> {
  if (!found.ok) return broken(found.error, 'verbs that call a server will not work');
  const login = found.value;
  if (login === undefined) return skipped('no token is configured, and none is kept: attune-agent login keeps one');
  const { url, token, serverVersion } = await askAboutLogin(login);
  if (!token.ok)
    return (isConfigured ? broken : warning)(
      token.error,
      isConfigured
        ? 'check ATTUNE_API_URL and ATTUNE_API_TOKEN'
        : 'attune-agent login keeps another, logout removes it',
    );
  const what = `${url} takes ${token.value}; the server has version ${serverVersion ?? 'unknown'}`;
  return serverVersion === undefined || serverVersion === VERSION
    ? ok(what)
    : warning(`${what}, this file ${VERSION}`, 'use an attune-agent of the same version where something is missing');
}

/** Fails if files with secrets of the worker are open to another user of its executions; warns if they are to its own. */
function secretsCheck(config: Config, sources: Call['sources']): Answer {
  const { hidden, exposed } = secretFilesOf(config, sources);
  const advice = 'or give the agent files that only root may read, and worker.execution_user';
  if (exposed.length > 0 && refusesExposed(config.worker))
    return broken(exposed.join('; '), `the worker will not start: chmod them, ${advice}`);
  if (exposed.length > 0) return warning(exposed.join('; '), `move them, ${advice}`);
  return ok(
    hidden.length === 0
      ? 'actions can read no file with secrets of the agent'
      : `hidden from actions: ${hidden.join(', ')}`,
  );
}

/** Fails if the sandbox that the settings ask for cannot be had here. Else it reports which limits could be had. */
function sandboxCheck(config: Config, place: ReturnType<typeof findWorkPlace>, self: string | undefined): Answer {
  if (self === undefined) return skipped('this is not the static file');
  if (!place.ok) return skipped('no directory to try it in');
  const sandbox = sandboxOf(config, place.value);
  if (!sandbox.ok) return broken(sandbox.error, 'the worker will not start: change the setting, or the container');
  const survey = surveySandbox(self);
  const missing = survey.flatMap(({ setting, problem }) => (problem === undefined ? [] : [`${setting} (${problem})`]));
  const asked = sandbox.value === undefined ? '' : 'what is asked for works; ';
  return ok(`${asked}${missing.length === 0 ? 'all of it could be had' : `cannot be had here: ${missing.join('; ')}`}`);
}

const MARK_WIDTH = 4;
const marks = { ok: 'ok', warning: '!', failure: 'FAIL', skipped: '-' } as const;
const colours = { ok: 'green', warning: 'yellow', failure: 'red', skipped: 'dim' } as const;

function describe(findings: readonly Finding[]): string {
  const rows = findings.flatMap(({ check, state, what, advice }) => [
    [marks[state].padEnd(MARK_WIDTH), check, what],
    ...(advice === undefined ? [] : [['', '', advice]]),
  ]);
  const states = findings.flatMap(({ state, advice }) => (advice === undefined ? [state] : [state, undefined]));
  const lines = tableRows(rows, widthOf(process.stdout)).flatMap(([first = '', ...more], index) => {
    const state = states[index];
    const mark = first.slice(0, MARK_WIDTH);
    return [state ? paint(colours[state], mark, process.stdout) + first.slice(MARK_WIDTH) : first, ...more];
  });
  const count = (state: Finding['state']): number => findings.filter((one) => one.state === state).length;
  const total = `${count('failure')} will not work, ${count('warning')} may not, ${count('ok')} fine`;
  return `${[...lines, total].join('\n')}\n`;
}
