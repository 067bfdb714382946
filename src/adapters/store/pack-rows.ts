import type { PackContents } from '#domain/client-store.ts';
import { actionRow } from './action-row.ts';
import { scheduleRows } from './schedule-row.ts';

/** The columns of the runtimes that a pack describes, and of the agent's own runtimes that its actions name. */
export function packRows(contents: PackContents) {
  const { pack, runtimes, actions } = contents;
  const own = runtimes.map((one) => ({
    ref: one.ref,
    name: one.family,
    aliases: [one.name, ...one.aliases],
    pack_ref: pack.ref,
    execution_config: one.config.execution_config,
    versions: one.config.versions,
  }));
  const refs = new Set(own.map((one) => one.ref));
  const used = new Map(actions.map(({ runtime }) => [runtime.ref, runtime.name]));
  const others = [...used].flatMap(([ref, name]) =>
    refs.has(ref) ? [] : [{ ref, name, aliases: [], pack_ref: null, execution_config: {}, versions: [] }],
  );
  return {
    own,
    others,
    actions: actions.map(actionRow),
    schedules: scheduleRows(contents),
    runtimeNames: [...new Set(used.values())],
  };
}
