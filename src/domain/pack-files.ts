/** The directories that running a pack or working on it leaves in it, and that are no part of it. */
export const LEFT_IN_PACKS = ['.git', '__pycache__', '.venv', 'node_modules'] as const;

/** Files that hold the secrets of a developer's machine, such as `.env.local` and `.envrc`, and never leave it with a pack. */
export const PRIVATE_IN_PACKS = ['.env*'] as const;
