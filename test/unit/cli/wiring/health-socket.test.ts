import { expect, test } from 'bun:test';
import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { askHealth, type HealthReport, serveHealth } from '#cli/wiring/health-socket.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';

/* Agents of other tests on this machine answer by their names too. */
const name = `health-${crypto.randomUUID()}`;

const report: HealthReport = {
  name,
  ready: true,
  phase: 'working',
  problems: [],
  words: [],
  worker: '1',
  running: 0,
  slots: 1,
  cordoned: false,
};

test('a health socket that is swept away is made again, and a probe meanwhile waits for it', async () => {
  using directory = temporaryDirectory();
  const workDir = directory.path;
  using _ = serveHealth({ env: {}, workDir, name }, () => report);
  expect(await askHealth({}, workDir, name)).toEqual([report]);
  const place = join(workDir, `attune-health-${process.getuid?.() ?? 0}`);
  rmSync(place, { recursive: true });
  expect(await askHealth({}, workDir, name)).toEqual([report]);
  expect(statSync(place).mode & 0o777).toBe(0o700);
});

test('after its end an agent leaves no socket behind', async () => {
  using directory = temporaryDirectory();
  serveHealth({ env: {}, workDir: directory.path, name }, () => report)[Symbol.dispose]();
  expect(await askHealth({}, directory.path, name)).toEqual([]);
});
