import { lstatSync, statSync } from 'node:fs';
import { lazy } from '#domain/lazy.ts';
import { type FileStamp, openNative } from '#execution/native/native.ts';

const native = lazy(openNative);

/** What the kernel says of a file; undefined when it says nothing, for whatever reason. */
export function stampOf(path: string, { followsLinks }: { readonly followsLinks: boolean }): FileStamp | undefined {
  const functions = native();
  try {
    if (functions.ok) return functions.value.stat(path, followsLinks);
    return (followsLinks ? statSync : lstatSync)(path);
  } catch {
    return undefined;
  }
}
