import type { ProcessEnv } from '#domain/runtime.ts';

/**
 * The prefix that init.c puts before the names of variables that would change the runtime which the agent is compiled
 * into.
 */
const KEPT = 'ATTUNE_KEPT_';

/** Settings of the virtual machine that have no prefix are init.c's own. */
const OWN = 'BUN_JSC_';

/** The environment as the container has set it. In `process.env` the runtime must not find variables such as BUN_OPTIONS. */
export function withKeptVariables(env: ProcessEnv): ProcessEnv {
  return Object.fromEntries(
    Object.entries(env)
      .filter(([name]) => !name.startsWith(OWN))
      .map(([name, value]) => [name.startsWith(KEPT) ? name.slice(KEPT.length) : name, value]),
  );
}
