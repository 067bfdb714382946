import { dotnet, go, rust, swift } from './families/compiled.ts';
import { elixir, erlang, guile, haskell, ocaml, racket } from './families/functional.ts';
import { bun, deno, node } from './families/javascript.ts';
import { groovy, java, kotlin, scala } from './families/jvm.ts';
import { julia, r } from './families/scientific.ts';
import { awk, lua, perl, php, powershell, python, ruby, shell, tcl } from './families/scripting.ts';
import type { RuntimeFamily } from './runtime.ts';

/** Every family that the agent knows, in the order of its reports: the first eight as Attune's Rust control plane lists them. */
export const families: readonly RuntimeFamily[] = [
  shell,
  python,
  node,
  ruby,
  go,
  java,
  r,
  perl,
  php,
  lua,
  deno,
  bun,
  dotnet,
  elixir,
  erlang,
  julia,
  powershell,
  tcl,
  awk,
  groovy,
  kotlin,
  scala,
  swift,
  rust,
  haskell,
  ocaml,
  racket,
  guile,
];

/** Programs that need no interpreter. Nothing has to be found for them, so it is not among the families. */
export const native: RuntimeFamily = {
  name: 'native',
  aliases: ['builtin', 'standalone'],
  binaries: [],
  probes: [],
  script: { extensions: [], command: ['{file}'] },
  smoke: '',
};

/** The family called `name`, by its own name or an alias, in any case. */
export function findFamily(name: string): RuntimeFamily | undefined {
  const wanted = name.trim().toLowerCase();
  return [...families, native].find((family) => family.name === wanted || family.aliases.includes(wanted));
}
