import type { Migration } from '#adapters/store/postgres/migrations.ts';
import joined from './migrations/0001-joined.sql' with { type: 'text' };

/** The migrations of a joined database in order. A released one is never edited; the next number corrects it. */
export const joinedMigrations: readonly Migration[] = [{ number: 1, name: 'joined', sql: joined }];
