/**
 * The types of the API for its TypeScript client: `bun .ci/client.ts` writes them.
 * The generator has a TypeScript of its own, which `.ci/install-test-tools.sh` installs beside it.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { apiDocument } from '#test/support/api-document.ts';

const client = join(import.meta.dir, '../clients/typescript');
const generator = join(client, 'node_modules/openapi-typescript/bin/cli.js');

/** The file that is generated. */
export const schemaFile = join(client, 'src/schema.ts');

/** Why nothing can be generated here; undefined: it can. */
export const whyNoGenerator = existsSync(generator) ? undefined : 'needs openapi-typescript: .ci/install-test-tools.sh';

/** The text that the file should have. */
export function generateSchema(): string {
  const directory = mkdtempSync(join(tmpdir(), 'attune-client-'));
  try {
    const [given, made] = [join(directory, 'openapi.json'), join(directory, 'schema.ts')];
    writeFileSync(given, JSON.stringify(apiDocument));
    const { exitCode, stderr } = Bun.spawnSync([process.execPath, generator, given, '--output', made], { cwd: client });
    if (exitCode !== 0) throw new Error(`openapi-typescript failed: ${stderr}`);
    return readFileSync(made, 'utf8');
  } finally {
    rmSync(directory, { recursive: true });
  }
}

if (import.meta.main) {
  if (whyNoGenerator !== undefined) throw new Error(whyNoGenerator);
  writeFileSync(schemaFile, generateSchema());
}
