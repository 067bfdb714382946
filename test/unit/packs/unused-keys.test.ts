import { expect, test } from 'bun:test';
import { notesOnUnusedKeys } from '#packs/unused-keys.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';

test("keys that nothing here reads are noted, each with its file; those in use, and one's own, are not", () => {
  using directory = temporaryDirectory();
  directory.file('p/pack.yaml', 'ref: p\nversion: 1.0.0\nauthor: A\nx-mine: 1\nruntime_deps: [core.python]\n');
  directory.file('p/actions/a.yaml', 'entry_point: a.sh\nlog_retention_limit: 3\ntags: [x]\n');
  directory.file('p/actions/broken.yaml', 'a: [');
  directory.file('p/runtimes/r.yml', 'name: r\ninstallers: []\n');
  expect(notesOnUnusedKeys(`${directory.path}/p`)).toEqual(
    [
      'pack.yaml: author',
      'pack.yaml: runtime_deps',
      'actions/a.yaml: log_retention_limit',
      'actions/a.yaml: tags',
      'runtimes/r.yml: installers',
    ].map((place) => `${place}: Attune's Rust control plane uses it, nothing here does`),
  );
});
