import { constants } from 'node:fs';
import { basename, dirname } from 'node:path';
import { lazy } from '#domain/lazy.ts';
import { openNative } from '#execution/native/native.ts';

/** A user and a group, by their numbers. */
interface User {
  readonly uid: number;
  readonly gid: number;
}

const access = lazy(() => {
  const native = openNative();
  return native.ok ? native.value.access : undefined;
});

/**
 * True if the kernel lets a user make and rename files in a directory, by its access control list too. Where the native
 * functions cannot be called, or this process cannot become that user, nothing is known, and the answer is no.
 */
export function kernelLetsWrite(user: User, directory: string): boolean {
  return access()?.mayAccess(directory, '.', { ...user, mode: constants.W_OK }) === 1;
}

/** True if the kernel lets a user read a file, whose name is no link, as kernelLetsWrite() does. */
export function kernelLetsRead(user: User, file: string): boolean {
  return access()?.mayAccess(dirname(file), basename(file), { ...user, mode: constants.R_OK }) === 1;
}

/** True if a directory gives an access control list to what is made in it, as far as that can be known. */
export function hasDefaultList(directory: string): boolean {
  return access()?.hasDefaultList(directory) ?? false;
}
