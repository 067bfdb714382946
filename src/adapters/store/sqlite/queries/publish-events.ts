import type { Sqlite } from '#adapters/store/sqlite/open.ts';

export function publishEvents({ events }: Sqlite, isWanted: boolean): void {
  events.areWanted = isWanted;
}
