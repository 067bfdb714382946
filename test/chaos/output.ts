/** What the actions of chaos write, byte for byte. */

export const STREAMS = ['stdout', 'stderr'] as const;
export type Stream = (typeof STREAMS)[number];

/** Of an action that says much: on stdout, with as many on stderr in between. */
const LOUD_LINES = 60;
const LOUD_WIDTH = 700;

interface StreamOf {
  readonly execution: number;
  readonly attempt: number;
  readonly stream: Stream;
}

/** All that an attempt which runs to its end writes to a stream. Undefined: installers write there too. */
export function expectedStream(action: string, { execution, attempt, stream }: StreamOf): string | undefined {
  if (action === 'loud')
    return Array.from({ length: LOUD_LINES }, (_, n) => loudLine({ execution, attempt, stream }, n)).join('');
  if (action.startsWith('made')) return stream === 'stdout' ? `whole ${outputOf(execution, attempt)}` : undefined;
  return stream === 'stdout' ? outputOf(execution, attempt) : '';
}

/** The output of a quiet attempt that ran to its end. */
export function outputOf(execution: number, attempt: number): string {
  return `{"execution":${execution},"attempt":${attempt}}\n`;
}

function loudLine({ execution, attempt, stream }: StreamOf, n: number): string {
  return `${stream} ${execution} ${attempt} ${String(n).padStart(LOUD_WIDTH, '0')}\n`;
}

/** What an attempt leaves as its artifact. */
export function artifactOf(execution: number, attempt: number): string {
  return `kept ${execution} ${attempt}\n`.repeat(1000);
}

const remember = (what: string): string => `echo "$ATTUNE_EXEC_ID $ATTUNE_ATTEMPT ${what} $EPOCHREALTIME" >>"$HISTORY"`;
const answer = 'echo "{\\"execution\\":$ATTUNE_EXEC_ID,\\"attempt\\":$ATTUNE_ATTEMPT}"';
/* The line that it has begun is there before anybody else can know of it. While it naps it shows that it is alive. */
const begin = remember('start');
const nap = `for pause in $NAP; do sleep "$pause"; ${remember('alive')}; done`;
const end = remember('end');

const variables = 'env_vars: [HISTORY, NAP]\n';

export const actions = {
  once: { yaml: `output_format: json\n${variables}`, script: script(begin, nap, end, answer) },
  often: { yaml: `output_format: json\nmax_retries: 1000\n${variables}`, script: script(begin, nap, end, answer) },
  loud: { yaml: `max_retries: 1000\n${variables}`, script: script(begin, loudScript(), end) },
  keeps: {
    yaml: `output_format: json\nmax_retries: 1000\n${variables}`,
    script: script(
      begin,
      `for n in $(seq 1000); do echo "kept $ATTUNE_EXEC_ID $ATTUNE_ATTEMPT"; done >"$ATTUNE_ARTIFACTS_DIR/kept"`,
      nap,
      end,
      answer,
    ),
  },
};

function script(...steps: readonly string[]): string {
  return `${steps.join('\n')}\n`;
}

function loudScript(): string {
  return `set -- $NAP; n=0
while [ $n -lt ${LOUD_LINES} ]; do
  printf 'stdout %d %d %0${LOUD_WIDTH}d\\n' "$ATTUNE_EXEC_ID" "$ATTUNE_ATTEMPT" $n
  printf 'stderr %d %d %0${LOUD_WIDTH}d\\n' "$ATTUNE_EXEC_ID" "$ATTUNE_ATTEMPT" $n >&2
  n=$((n + 1))
  if [ $((n % 10)) = 0 ] && [ $# -gt 0 ]; then sleep "$1"; shift; ${remember('alive')}; fi
done`;
}

/** How many packs have an environment of their own. */
const MADE = 24;
/** Packs whose environments take a while to be installed, by the name of each. */
export const madePacks: Readonly<Record<string, Readonly<Record<string, string>>>> = Object.fromEntries(
  Array.from({ length: MADE }, (_, n) => [`made${n}`, madePack(n)]),
);

function madePack(n: number): Readonly<Record<string, string>> {
  const install = 'echo half >"$1/made"; sleep 0.7; printf "whole " >"$1/made.new"; mv "$1/made.new" "$1/made"';
  const config = {
    environment: { env_type: 'own', dir_name: 'made', create_command: ['/bin/mkdir', '-p', '{env_dir}'] },
    dependencies: { manifest_file: 'deps.txt', install_command: ['/bin/sh', '-c', install, 'sh', '{env_dir}'] },
    env_vars: { MADE: '{env_dir}' },
  };
  return {
    'pack.yaml': `ref: made${n}\nversion: 1.0.0\n`,
    'runtimes/shell.yaml': JSON.stringify({ name: 'shell', execution_config: config }),
    'deps.txt': `${n}\n`,
    'actions/made.yaml': `entry_point: made.sh\nmax_retries: 1000\n${variables}`,
    'actions/made.sh': script(begin, 'cat "$MADE/made"', nap, end, answer),
  };
}

/** The actions that a load chooses from, with how often each comes compared with the others. */
export const choices: readonly (readonly [string, number])[] = [
  ['life.often', 45],
  ['life.once', 15],
  ['life.loud', 15],
  ['life.keeps', 12],
  ...Array.from({ length: MADE }, (_, n) => [`made${n}.made`, 10 / MADE] as const),
];
