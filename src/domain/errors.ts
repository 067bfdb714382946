/** The message of a caught value, which need not be an error, since anything can be thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The words of an error of a file (`no such file or directory`), for a sentence that names the file itself. */
export function fileErrorOf(error: unknown): string {
  if (codeOf(error) === 'EISDIR') return 'it is a directory';
  const [, words] = new RegExp(`^${codeOf(error)}: ([^,]+), `).exec(messageOf(error)) ?? [];
  return words ?? messageOf(error);
}

/** The words of an error of a file with its path (`/data/x: permission denied`), for a sentence that names none. */
export function fileProblemOf(error: unknown): string {
  const [, path] = /'([^']+)'$/.exec(messageOf(error)) ?? [];
  const words = fileErrorOf(error);
  return path === undefined || words === messageOf(error) ? words : `${path}: ${words}`;
}

/** The code of a system, database or library error (`ENOSPC`, `28P01`); undefined where there is none. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
