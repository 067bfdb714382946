import { existsSync } from 'node:fs';
import { asInvoked, invokedName, shellWord } from '#cli/invoked.ts';
import { paint } from '#cli/terminal.ts';
import { API_PATH } from '#wire/paths.ts';
import type { OwnToken } from './first-token.ts';
import type { PreparedWorker } from './prepare-worker.ts';

interface Started {
  readonly url: string;
  readonly data: string;
  readonly packs: string;
  readonly token: OwnToken;
  /** What a client of this user still needs; `replaced`: nothing, but another --standalone was that login before. */
  readonly login: 'nothing' | 'replaced' | 'context' | 'login';
  /** The words after `submit` of a call that works; undefined if there is no simple action. */
  readonly example: string | undefined;
}

/** What --standalone says when it works. Every command in it runs as it stands. */
export function greeting(prepared: PreparedWorker, started: Started): string {
  const { url, data, packs, token, example } = started;
  const { registration } = prepared.settings;
  const isShown = token.isNew || process.stdout.isTTY;
  const context = started.login === 'context' ? ' --context standalone' : '';
  const lines = {
    Runtimes: versionsOf(prepared) || 'none: nothing can run here',
    Worker: `${registration.name}, ${registration.capabilities.max_concurrent_executions} executions at once`,
    Listens: `${url}${API_PATH}`,
    Page: `${url}/${isShown ? `#token=${token.secret}` : ''}`,
    Packs: existsSync(packs)
      ? packs
      : asInvoked(
          `${packs} (is not there: attune-agent packs new NAME --packs ${shellWord(packs)} makes a first pack)`,
        ),
    Data: data,
    ...(isShown ? { Token: `${token.secret} (admin; kept in ${data}/admin-token)` } : {}),
    'Log in': asInvoked(loginLine(started)),
    Submit: asInvoked(`attune-agent ${example === undefined ? 'actions' : `submit ${example}`}${context}`),
    Workers: workerLine(started),
  };
  const text = Object.entries(lines).map(([name, line]) => `${paint('bold', name.padEnd(8), process.stdout)}  ${line}`);
  return `${text.join('\n')}\n\n`;
}

/**
 * Each call makes another worker, with a name and a token of its own, so the line may run again and again. What is not
 * here to download the bootstrap script is not in the line: without curl and wget it starts this file.
 */
function workerLine({ url, data }: Started): string {
  const token = `${invokedName()} token create --name $name --scope worker,agent-download --data ${shellWord(data)}`;
  const name = 'name=worker-$(date +%s);';
  const download = ['curl -fsSL', 'wget -qO-'].find((one) => Bun.which(one.slice(0, 4)) !== null);
  return download === undefined
    ? `${name} ATTUNE_API_URL=${url} ATTUNE_API_TOKEN=$(${token}) ${invokedName()} --name $name`
    : `${name} ${download} ${url}${API_PATH}/agent/bootstrap.sh | ATTUNE_WORKER_NAME=$name ATTUNE_API_TOKEN=$(${token}) sh`;
}

function loginLine({ login, url, data }: Started): string {
  switch (login) {
    case 'nothing':
      return 'done: other terminals of this user need no more';
    case 'replaced':
      return 'done: other terminals of this user need no more; the login standalone was for another address until now';
    case 'context':
      return 'this user is logged in to another server; attune-agent contexts use standalone changes to this one';
    case 'login':
      return `attune-agent login --api-url ${url} --api-token - < ${shellWord(`${data}/admin-token`)}`;
  }
}

function versionsOf({ runtimes, detection }: PreparedWorker): string {
  const versions = runtimes.map((name) => {
    const version = detection.interpreters.find((one) => one.family === name && one.problem === undefined)?.version;
    return version === undefined ? name : `${name} ${version}`;
  });
  return versions.join(', ');
}
