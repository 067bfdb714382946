import { write } from '#cli/terminal.ts';

const LIFE_MS = 200;

/**
 * Leaves a child without a parent, and says its pid: doctor looks what becomes of it. The child outlives this process,
 * which would bury it otherwise.
 */
export async function orphan(isChild: boolean): Promise<number> {
  if (isChild) {
    await Bun.sleep(LIFE_MS);
    return 0;
  }
  const child = Bun.spawn([process.execPath, '_orphan', 'child'], {
    stdio: ['ignore', 'ignore', 'ignore'],
    env: {},
    detached: true,
  });
  child.unref();
  await write(process.stdout, `${child.pid}\n`);
  return 0;
}
