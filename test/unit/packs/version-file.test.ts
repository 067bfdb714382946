import { expect, test } from 'bun:test';
import { readVersionFile } from '#packs/version-file.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';

test.each([
  ['.python-version', '3.8.18\n', 'python', '3.8.18'],
  ['.python-version', '# ours\n3.12\n3.11\n', 'python', '3.12'],
  ['.python-version', 'system\n', 'python', undefined],
  ['.python-version', 'my-virtualenv\n', 'python', undefined],
  ['.ruby-version', 'ruby-3.2.2\n', 'ruby', '3.2.2'],
  ['.nvmrc', 'v18.20.4', 'node', '18.20.4'],
  ['.nvmrc', 'lts/hydrogen', 'node', undefined],
  ['.node-version', '20\n', 'node', '20'],
  ['.java-version', 'temurin-17.0.11+9\n', 'java', '17.0.11'],
  ['.go-version', 'go1.22.1\n', 'go', '1.22.1'],
  ['rust-toolchain.toml', '[toolchain]\nchannel = "1.79.0"\n', 'rust', '1.79.0'],
  ['rust-toolchain', 'stable\n', 'rust', undefined],
  ['.python-version', '\n'.repeat(65_535), 'python', undefined],
  ['.ruby-version', 'a-'.repeat(32_000), 'ruby', undefined],
  ['.tool-versions', 'nodejs 18.17.0\npython 3.11.7 3.8.18\n', 'python', '3.11.7'],
  ['.tool-versions', 'nodejs 18.17.0\n', 'node', '18.17.0'],
  ['.tool-versions', 'golang 1.21\n', 'ruby', undefined],
  ['.prototools', 'go = "1.22"\nnode = "20.11.1"\n', 'node', '20.11.1'],
  ['.prototools', 'node = "~20"\n', 'node', undefined],
  ['mise.toml', '[tools]\npython = "3.11"\n', 'python', '3.11'],
  ['mise.toml', '[tools]\n"python" = ["3.12", "3.11"]\n', 'python', '3.12'],
  ['mise.toml', "[tools]\npython = { version = '3.10', virtualenv = '.venv' }\n", 'python', '3.10'],
  ['.config/mise/config.toml', '[tools]\nnode = "22"\n', 'node', '22'],
  ['.mise.toml', '[tools]\nnode="18.17.0"\n', 'node', '18.17.0'],
  ['.sdkmanrc', '# sdk env\njava=17.0.9-tem\n', 'java', '17.0.9'],
  ['package.json', '{"name": "x", "volta": {"npm": "10.2.0", "node": "20.11.1"}}', 'node', '20.11.1'],
  ['package.json', '{"name": "x", "engines": {"node": "20"}}', 'node', undefined],
] as const)('%s with %j', (...row) => {
  const [file, text, family, version] = row;
  using directory = temporaryDirectory();
  directory.file(file, text);
  const told = readVersionFile(directory.path, family);
  expect(told?.version === undefined ? undefined : { file: told.file, version: told.version }).toEqual(
    version === undefined ? undefined : { file, version },
  );
});

test.each([
  ['rust-toolchain', 'nightly-2024-05-01\n', 'rust', 'nightly-2024-05-01'],
  ['.ruby-version', 'jruby-9.4.8.0 # ours\n', 'ruby', 'jruby-9.4.8.0'],
  ['.tool-versions', 'java temurin-21.0.3+9\n', 'java', 'temurin-21.0.3+9'],
  ['.nvmrc', 'lts/hydrogen', 'node', 'lts/hydrogen'],
] as const)('%s with %j names what a version manager has installed', (...row) => {
  const [file, text, family, name] = row;
  using directory = temporaryDirectory();
  directory.file(file, text);
  expect(readVersionFile(directory.path, family)).toMatchObject({ file, name });
});
