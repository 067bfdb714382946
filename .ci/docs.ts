/** The references in docs/ that are made from the code: `bun .ci/docs.ts` writes them. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { wholeManPage } from '#cli/man-page.ts';
import { cliReference } from './docs-cli.ts';
import { configurationReference } from './docs-configuration.ts';
import { packReference } from './docs-packs.ts';
import { allVerbs } from './docs-verbs.ts';

const directory = join(import.meta.dir, '../docs');

/** Each generated page, by its path, with the text that it should have. */
export async function generatedPages(): Promise<Readonly<Record<string, string>>> {
  return {
    [join(directory, 'cli.md')]: await cliReference(),
    [join(directory, 'configuration.md')]: await configurationReference(),
    [join(directory, 'man/attune-agent.1')]: wholeManPage(await allVerbs()),
    [join(directory, 'packs/reference.md')]: packReference(),
  };
}

if (import.meta.main) for (const [path, text] of Object.entries(await generatedPages())) writeFileSync(path, text);
