import { expect, test } from 'bun:test';
import { mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { logsOf } from '#execution/environments/describe-failure.ts';
import type { BuildPlan } from '#execution/environments/plan.ts';
import type { BuildPlace } from '#execution/environments/recipe.ts';
import { call } from '#test/support/call.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';

test('logs of installers are read where they are files of the environment, and no link to another file is', async () => {
  using directory = temporaryDirectory();
  const secret = directory.file('secret/pip.log', 'hunter2');
  directory.file('environment/tmp/pip.log', `${'x'.repeat(20_000)}end`);
  mkdirSync(join(directory.path, 'environment/other'));
  symlinkSync(secret, join(directory.path, 'environment/other/pip.log'));
  symlinkSync(dirname(secret), join(directory.path, 'environment/linked'));
  call(['mkfifo', join(directory.path, 'environment/other/pipe')]);
  const environment = join(directory.path, 'environment');
  const names = ['tmp/pip.log', 'other/pip.log', 'linked/pip.log', 'other/pipe', 'none'];
  /* Nothing else of a plan and a place is looked at. */
  const plan = { recipe: { logs: () => names.map((name) => join(environment, name)) } } as unknown as BuildPlan;
  const logs = await logsOf(plan, { environment } as BuildPlace);
  directory.file('environment/work/1/build.log', 'one');
  directory.file('environment/work/2/build.log', 'two');
  const last = { recipe: { logs: () => [join(environment, 'work/*/build.log')] } } as unknown as BuildPlan;
  expect(await logsOf(last, { environment } as BuildPlace)).toEqual(['two']);
  expect(logs).toHaveLength(1);
  expect(logs[0]).toEndWith('xend');
  expect(logs[0]).toHaveLength(16_384);
});
