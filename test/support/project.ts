import { resolve } from 'node:path';

/** Absolute path of the directory that holds package.json. */
export const projectRoot = resolve(import.meta.dir, '../..');
