import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { released } from '#ci/released-migrations.ts';
import { projectRoot } from '#test/support/project.ts';

const store = join(projectRoot, 'src/adapters/store');

test('released migrations are what they were, to the byte', () => {
  for (const [file, checksum] of Object.entries(released)) {
    const actual = new Bun.CryptoHasher('sha256')
      .update(readFileSync(join(store, file)))
      .digest('hex')
      .slice(0, 16);
    expect({ file, checksum: actual }).toEqual({ file, checksum });
  }
});
