/** Defined by the build (src/static-linker/bundle.ts); a run from source has no commit. */
declare const ATTUNE_COMMIT: string | undefined;

/** The commit that this file was built from; undefined if the program is run from source by Bun. */
export const COMMIT = typeof ATTUNE_COMMIT === 'string' ? ATTUNE_COMMIT : undefined;

/** True if this program is the static file, which can run itself as the launcher. */
export const IS_STATIC_FILE = COMMIT !== undefined;

/** The directory of the sources that this program is run from; undefined in the static file, which knows no such place. */
export const SOURCE_DIRECTORY = typeof ATTUNE_COMMIT === 'string' ? undefined : `${import.meta.dir}/..`;
