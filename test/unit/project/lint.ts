import { cpSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '#test/support/project.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';

interface Diagnostic {
  readonly category: string;
  readonly location: { readonly path: string | { readonly file: string } };
}

/** Lints files (path → text) by the project's own configuration, or by a few of its rules. Returns "PATH RULE" per finding. */
export function lint(files: Readonly<Record<string, string>>, rules: readonly string[] = []): readonly string[] {
  using directory = temporaryDirectory();
  for (const name of ['biome.json', 'biome.walls.json', 'package.json', '.ci'])
    cpSync(join(projectRoot, name), join(directory.path, name), { recursive: true });
  symlinkSync(join(projectRoot, 'node_modules'), join(directory.path, 'node_modules'));
  for (const [path, text] of Object.entries(files)) directory.file(path, text);
  const { stdout, stderr } = Bun.spawnSync(
    [
      join(projectRoot, 'node_modules/.bin/biome'),
      'lint',
      '--reporter=json',
      '--max-diagnostics=none',
      ...rules.map((rule) => `--only=${rule}`),
      ...new Set(Object.keys(files).map((path) => path.split('/', 1)[0] ?? '')),
    ],
    { cwd: directory.path },
  );
  const report = JSON.parse(stdout.toString() || `"${stderr}"`) as { readonly diagnostics: readonly Diagnostic[] };
  const pathOf = ({ path }: Diagnostic['location']): string => (typeof path === 'string' ? path : path.file);
  return report.diagnostics.map(
    ({ category, location }) => `${pathOf(location)} ${category.replace(/^lint\/[a-z]+\//, '')}`,
  );
}
