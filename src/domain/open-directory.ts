export type EntryKind = 'file' | 'directory' | 'other';

export interface DirectoryEntry {
  readonly name: string;
  /** What the system said; it may have changed since. */
  readonly kind: EntryKind;
}

/**
 * An open directory. A name is that of an entry right in it, without slashes, and no link is followed: whoever may write
 * to the directory leads nobody out of it. Errors of the system are thrown, with their code.
 */
export interface OpenDirectory extends Disposable {
  /** The entries, in the order of their names; of more than `most`, as many as that. To be asked once. */
  list(most?: number): readonly DirectoryEntry[];
  openDirectory(name: string): OpenDirectory;
  /** Makes the directory where it is absent, and opens it. */
  makeDirectory(name: string): OpenDirectory;
  /** Opens a regular file for reading; anything else is refused, and a pipe does not make it wait. */
  openFile(name: string): OpenFile;
  /** Makes a file that was not there. */
  createFile(name: string): OpenFile;
  /** Gives an entry another name, and replaces what had that name. */
  rename(from: string, to: string): void;
  remove(name: string): void;
}

/** An open regular file. */
export interface OpenFile extends Disposable {
  readonly bytes: number;
  /** The id of the user who owns it. */
  readonly owner: number;
  /** The bytes from `from` to before `to`. */
  read(range?: { readonly from: number; readonly to: number }): ReadableStream<Uint8Array>;
  write(bytes: Uint8Array): Promise<void>;
}

/** Opens a directory by its path, whose last name must not be a link. */
export type OpenDirectoryAt = (path: string) => OpenDirectory;
