import { readlinkSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { codeOf } from '#domain/errors.ts';

/** As many as the kernel follows. */
const MOST_LINKS = 40;

/**
 * The path without links in it, also where /proc is not mounted, which the runtime would ask. Throws ELOOP for links
 * that lead in circles; what does not exist is no error.
 */
export function realPath(path: string): string {
  return followLinks(path).path;
}

/** The path without links in it, and the links that lead there, each by a path without links above it. */
export function followLinks(path: string): { readonly path: string; readonly links: readonly string[] } {
  const links: string[] = [];
  let left = MOST_LINKS;
  const follow = (one: string): string => {
    if (one === '/') return one;
    const above = follow(dirname(one));
    const name = `${above === '/' ? '' : above}/${one.slice(one.lastIndexOf('/') + 1)}`;
    const target = linkTarget(name);
    if (target === undefined) return name;
    links.push(name);
    if (left-- === 0) throw Object.assign(new Error(`${path} has too many links`), { code: 'ELOOP' });
    return follow(resolve(above, target));
  };
  return { path: follow(resolve(path)), links };
}

function linkTarget(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'EINVAL' || code === 'ENOENT' || code === 'ENOTDIR' || code === 'EACCES') return undefined;
    throw error;
  }
}
