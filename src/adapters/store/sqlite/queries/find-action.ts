import type { Sqlite } from '#adapters/store/sqlite/open.ts';
import type { ActionView } from '#domain/client-store.ts';
import { actionsOf } from './list-actions.ts';

export function findAction(sqlite: Sqlite, actionRef: string): ActionView | undefined {
  return actionsOf(sqlite, 'a.ref = ?', [actionRef])[0];
}
