import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const directory = join(import.meta.dir, '../web');

/** Bundles what a browser needs of `page/`, as text. Runs when this program is bundled or, from source, loaded. */
export function bundlePage(): {
  html: string;
  script: string;
  style: string;
  docs: string;
  docsScript: string;
  frame: string;
  previewScript: string;
} {
  const read = (name: string): string => readFileSync(join(directory, name), 'utf8');
  return {
    html: read('index.html'),
    style: ['form.css', 'page.css', 'table.css', 'trend.css', 'details.css', 'log.css', 'ansi.css'].map(read).join(''),
    script: bundle('main.tsx'),
    docs: read('docs.html'),
    docsScript: bundle('docs.ts'),
    frame: read('frame.html'),
    previewScript: bundle('preview.ts'),
  };
}

/** Bundles an entry in a process of its own, since a bundler does not run within a bundler. */
function bundle(entry: string): string {
  const command = [process.execPath, 'build', '--target=browser', '--minify', '--production', join(directory, entry)];
  const { success, stdout, stderr } = Bun.spawnSync(command, { cwd: directory });
  if (!success) throw new Error(`the page was not bundled:\n${stderr}`);
  return stdout.toString();
}
