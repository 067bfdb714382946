/** The directories that running a pack or working on it leaves in it, and that are no part of it. */
export const LEFT_IN_PACKS = ['.git', '__pycache__', '.venv'] as const;
