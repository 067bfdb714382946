import type { TemporaryDirectory } from '#test/support/temporary.ts';

const MEBIBYTE = 1024 * 1024;

/**
 * Writes packs whose manifests are the largest that the bounds allow into `packs` of a directory: a worker reads them
 * before it installs anything. Returns their actions by what they are.
 */
export function writePacksToInstall({ file }: TemporaryDirectory): Readonly<Record<string, string>> {
  const manifests: Readonly<Record<string, readonly [name: string, text: string]>> = {
    'a pyproject.toml of empty tables': ['pyproject.toml', `[project]\na = [${'{},'.repeat(9_900)}]\n`],
    'a pyproject.toml of texts': [
      'pyproject.toml',
      `[tool.x]\na = [${"'',".repeat(170_000)}]\n[project]\nname = "x"\n`,
    ],
    'a pyproject.toml of tables': ['pyproject.toml', `${'[[a]]\n'.repeat(85_000)}[project]\nname = "x"\n`],
    'a requirements.txt of 16 MiB': ['requirements.txt', '#\n'.repeat(8 * MEBIBYTE)],
  };
  const written = Object.entries(manifests).map(([what, [name, text]], index) => {
    const pack = `install${index}`;
    file(`packs/${pack}/pack.yaml`, `ref: ${pack}\nversion: 1.0.0\n`);
    file(`packs/${pack}/actions/go.yaml`, 'runner_type: python\nentry_point: go.py\n');
    file(`packs/${pack}/actions/go.py`, 'pass\n');
    file(`packs/${pack}/${name}`, text);
    return [what, `${pack}.go`] as const;
  });
  const script = `packs/installsh/actions/go.sh`;
  file('packs/installsh/pack.yaml', 'ref: installsh\nversion: 1.0.0\n');
  file('packs/installsh/actions/go.yaml', 'runner_type: shell\nentry_point: go.sh\n');
  /* The shell's own command: as many processes would take a quarter of an hour. */
  file(script, `${': <<E\nE\n'.repeat(400_000)}: <<E\n\r\nE\n`);
  return Object.fromEntries([...written, ['a shell script of 4 MB of here-documents', 'installsh.go']]);
}
