/** Runs inside a static file; see children.test.ts. Prints what it has seen as JSON. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CommandReport, type CommandRequest, runCommand } from '#execution/process/run-command.ts';
import { until } from '#test/support/until.ts';

const AT_ONCE = 300;
const ROUNDS = 4;
const MiB = 1024 * 1024;

/** The linker tries every file that it makes. */
const isTrial = process.argv.includes('--version');

async function runShell(
  script: string,
  input: Uint8Array = new Uint8Array(),
  more: Partial<CommandRequest> = {},
): Promise<CommandReport> {
  const request = {
    command: ['/bin/sh', '-c', script],
    env: { PATH: '/usr/bin:/bin' },
    cwd: '/',
    input,
    timeoutMs: 120_000,
    graceMs: 500,
    logLimitBytes: { stdout: 32 * MiB, stderr: 32 * MiB },
    ...more,
  };
  return await runCommand(request, { write: () => {} }, { cancel: new AbortController().signal });
}

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

/** What an execution should have come to, and did not. */
async function differs(script: string, input: string, expected: object): Promise<string | undefined> {
  const { outcome, stdout, stderr } = await runShell(script, Buffer.from(input));
  const found = { outcome, stdout: textOf(stdout.bytes), stderr: textOf(stderr.bytes) };
  return Bun.deepEquals(found, expected) ? undefined : JSON.stringify({ script, found, expected });
}

/** Every one with a line of its own to read, to write, and an exit code of its own. */
async function manyAtOnce(): Promise<readonly string[]> {
  const problems: (string | undefined)[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const all = Array.from({ length: AT_ONCE }, (_, i) => {
      const code = i % 250;
      const outcome = code === 0 ? { kind: 'completed' } : { kind: 'failed', exitCode: code };
      const expected = { outcome, stdout: `out ${i}\n`, stderr: `err ${i}\n` };
      return differs(`read i; echo out $i; echo err $i >&2; exit ${code}`, `${i}\n`, expected);
    });
    problems.push(...(await Promise.all(all)));
  }
  return problems.filter((problem) => problem !== undefined);
}

/** Signals 1 to 64, but for those that do not end a process, and two of the C library. */
async function everySignal(): Promise<readonly string[]> {
  const names = new Map(Object.entries(constants.signals).toReversed());
  const byNumber = new Map([...names].map(([name, number]) => [number, name]));
  const harmless = ['SIGCHLD', 'SIGCONT', 'SIGSTOP', 'SIGTSTP', 'SIGTTIN', 'SIGTTOU', 'SIGURG', 'SIGWINCH'];
  const numbers = Array.from({ length: 64 }, (_, i) => i + 1).filter(
    (number) => !harmless.includes(byNumber.get(number) ?? '') && number !== 32 && number !== 33,
  );
  const all = numbers.map((number) => {
    const signal = byNumber.get(number) ?? `signal ${number}`;
    const outcome = { kind: 'killed', signal, signalNumber: number };
    return differs(`ulimit -c 0; kill -${number} $$; sleep 10`, '', { outcome, stdout: '', stderr: '' });
  });
  return (await Promise.all(all)).filter((problem) => problem !== undefined);
}

/** What is written to a child comes back whole, in both directions at once. */
async function echoed(): Promise<boolean> {
  const input = Buffer.alloc(16 * MiB, 'abcdefg\n');
  const { stdout } = await runShell('tee /dev/stderr | sha256sum', input);
  return textOf(stdout.bytes).startsWith(new Bun.CryptoHasher('sha256').update(input).digest('hex'));
}

/** A child that does not read what it is given is not waited for. */
async function unread(): Promise<readonly string[]> {
  const scripts = ['echo done', 'exec 0<&-; sleep 0.1; echo done', 'sleep 0.1; echo done'];
  const reports = await Promise.all(scripts.map((script) => runShell(script, Buffer.alloc(MiB, 'x'))));
  return reports.map(({ outcome, stdout }) => `${outcome.kind} ${textOf(stdout.bytes)}`);
}

/** Why programs are not started that cannot be. `request`: what is different from a shell that does nothing. */
async function reasons(): Promise<readonly string[]> {
  const here = mkdtempSync(join(tmpdir(), 'attune-test-'));
  const file = (name: string, text: string, mode: number): string => {
    const path = join(here, name);
    writeFileSync(path, text, { mode });
    return path;
  };
  const large = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`V${i}`, 'x'.repeat(100_000)]));
  const requests: readonly Partial<CommandRequest>[] = [
    { command: [join(here, 'missing')] },
    { command: [file('plain', '#!/bin/sh\n', 0o644)] },
    { command: [file('lost', '#!/nowhere/sh\n', 0o755)] },
    { command: [here] },
    { cwd: '/no/such/place' },
    { env: large },
  ];
  const reports = await Promise.all(requests.map((request) => runShell('true', new Uint8Array(), request)));
  rmSync(here, { recursive: true });
  return reports.map(({ outcome }) =>
    outcome.kind === 'not-started' ? outcome.reason.replaceAll(here, '/HERE') : outcome.kind,
  );
}

/** More than one request to the fork server takes, and less than the kernel does. */
async function large(): Promise<string> {
  const env = { PATH: '/usr/bin:/bin', ONE: 'x'.repeat(100_000), TWO: 'y'.repeat(100_000) };
  const { outcome, stdout } = await runShell('printf %s "$ONE$TWO" | wc -c', new Uint8Array(), { env });
  return `${outcome.kind} ${textOf(stdout.bytes)}`;
}

/** What running programs, and those that are started next, come to when something is done to what starts them. */
async function harming(victims: () => readonly number[], harm: (pid: number) => unknown): Promise<readonly string[]> {
  const here = mkdtempSync(join(tmpdir(), 'attune-test-'));
  const running = runShell(`touch ${here}/begun; until [ -e ${here}/go ]; do sleep 0.05; done; echo went on`);
  await until('it has begun', () => existsSync(join(here, 'begun')));
  for (const pid of victims()) await harm(pid);
  const next = await runShell(
    '[ $(ulimit -n) -gt 9 ] && [ $(nice) -lt 19 ] && ! chrt -p $$ | grep -q SCHED_IDLE && echo next',
  );
  writeFileSync(join(here, 'go'), '');
  const reports = [await running, next, await runShell('echo last')];
  rmSync(here, { recursive: true });
  return reports.map(({ outcome, stdout }) => `${outcome.kind} ${textOf(stdout.bytes)}`);
}

/** How many of the programs that begin beside one that changes each fork server all the time get what it sets. */
async function harmedAllTheTime(): Promise<string> {
  const hasForkServer = forkServers().length > 0;
  const stop = new AbortController();
  const changing = (async () => {
    while (!stop.signal.aborted) {
      const [pid = 0] = forkServers();
      await Bun.spawn(pid === 0 ? ['true'] : ['prlimit', `--pid=${pid}`, '--nofile=9:9'], { stderr: 'ignore' }).exited;
    }
  })();
  const scripts = Array.from({ length: 40 }, () => runShell('ulimit -n'));
  const limits = (await Promise.all(scripts)).map(
    ({ outcome, stdout }) => `${outcome.kind} ${textOf(stdout.bytes).trim()}`,
  );
  stop.abort();
  await changing;
  await until('another fork server works', async () => {
    await runShell('true');
    return forkServers().length > 0 || !hasForkServer;
  });
  return `${limits.filter((one) => /^completed \d{2,}$/.test(one)).length} of ${limits.length}`;
}

/** The same for every way to harm a process of the same user. */
async function harmingInEveryWay(victims: () => readonly number[]): Promise<Record<string, readonly string[]>> {
  const by = (...command: string[]) => Bun.spawn(command, { stdout: 'ignore' }).exited;
  return {
    killed: await harming(victims, (pid) => process.kill(pid, 'SIGKILL')),
    stopped: await harming(victims, (pid) => process.kill(pid, 'SIGSTOP')),
    reniced: await harming(victims, (pid) => by('renice', '19', String(pid))),
    limited: await harming(victims, (pid) => by('prlimit', `--pid=${pid}`, '--nofile=9:9')),
    idled: await harming(victims, (pid) => by('chrt', '--idle', '--pid', '0', String(pid))),
  };
}

function forkServers(): readonly number[] {
  return children().filter((pid) => nameOf(pid) === 'attune-forks');
}

/** The keepers that keep nothing. */
function idleKeepers(): readonly number[] {
  const all = [process.pid, ...forkServers()].flatMap(children);
  return all.filter((pid) => nameOf(pid) === 'attune-keeper' && children(pid).length === 0);
}

function nameOf(pid: number): string {
  return textOfFile(`/proc/${pid}/comm`).trim();
}

/** A file of /proc; nothing, once its process is gone. */
function textOfFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** The fork server keeps nothing of what it was sent: no variable, no descriptor. */
function left(): readonly string[] {
  return forkServers().map(
    (pid) => `${readdirSync(`/proc/${pid}/fd`)} ${readFileSync(`/proc/${pid}/environ`, 'utf8')}`,
  );
}

function children(pid = process.pid): readonly number[] {
  return textOfFile(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number);
}

function zombies(): number {
  return children().filter((pid) => readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')).length;
}

/** A count that has not changed for two seconds: Bun closes descriptors late, on a thread of its own. */
async function settled(count: () => number): Promise<number> {
  let [last, since] = [count(), performance.now()];
  await until('the count stays the same', () => {
    const now = count();
    if (now !== last) [last, since] = [now, performance.now()];
    return performance.now() - since > 2000;
  });
  return last;
}

async function main(): Promise<void> {
  await Promise.all([
    echoed(),
    unread(),
    manyAtOnce(),
  ]); /* from here on Bun opens nothing of its own for the first time */
  const openBefore = await settled(() => readdirSync('/proc/self/fd').length);
  const seen = {
    many: await manyAtOnce(),
    signals: await everySignal(),
    echoed: await echoed(),
    unread: await unread(),
    reasons: await reasons(),
    large: await large(),
    forkServer: await harmingInEveryWay(forkServers),
    keepers: await harmingInEveryWay(idleKeepers),
    always: await harmedAllTheTime(),
    left: left(),
  };
  const more = (): number => readdirSync('/proc/self/fd').length - openBefore;
  await until('Bun has closed all, on a thread of its own', () => more() <= 0);
  await until('every child is buried', () => zombies() === 0);
  const report = JSON.stringify({ ...seen, zombies: zombies() });
  process.stdout.write(report);
}

if (!isTrial) void main();
