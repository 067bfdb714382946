import { mkdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { LinkError } from './link-error.ts';
import type { Machine } from './machines.ts';

export interface Bundle {
  /** The dynamically linked program, as Bun makes it. */
  readonly program: Uint8Array;
  /** Source map of the bundle, for stack traces; Bun embeds a copy that it uses itself. */
  readonly sourceMap: string;
}

/** A class of prom-client that nobody uses here. It loads the whole of node:http at each start, which takes 20 ms. */
const withoutPushgateway: Bun.BunPlugin = {
  name: 'without-pushgateway',
  setup: ({ onLoad }) => {
    onLoad({ filter: /\/prom-client\/lib\/pushgateway\.js$/ }, () => ({
      contents: 'module.exports = class {};',
      loader: 'js',
    }));
  },
};

/**
 * Bundles and compiles `entry` for `machine`, by way of files beside `out` that are removed again. The bytecode cache
 * costs 3 MB and halves the start. A `.env` or bunfig.toml in the user's directory must not configure the agent.
 */
export async function bundle(
  entry: string,
  out: string,
  { machine, commit, bill, hasFaults }: { machine: Machine; commit: string; bill: string; hasFaults: boolean },
): Promise<Bundle> {
  /* Its name becomes part of the program, so it is the same for all. */
  const workshop = join(dirname(out), `.${basename(out)}.build`);
  const outfile = join(workshop, 'attune-agent');
  mkdirSync(workshop, { recursive: true });
  try {
    const result = await Bun.build({
      entrypoints: [entry],
      minify: { whitespace: true, syntax: true } /* names stay, for stack traces; the start is no slower */,
      bytecode: true,
      format: 'cjs',
      sourcemap: 'external',
      plugins: [withoutPushgateway],
      define: {
        ATTUNE_COMMIT: JSON.stringify(commit),
        ATTUNE_BILL: JSON.stringify(bill),
        ATTUNE_FAULTS: String(hasFaults),
      },
      compile: {
        target: `bun-linux-${machine.bunArch}-musl`,
        outfile,
        autoloadDotenv: false,
        autoloadBunfig: false,
      },
    });
    if (!result.success) throw new LinkError('tool-failed', `bun build failed:\n${result.logs.join('\n')}`);
    return { program: await Bun.file(outfile).bytes(), sourceMap: await Bun.file(`${outfile}.map`).text() };
  } finally {
    rmSync(workshop, { recursive: true, force: true });
  }
}
