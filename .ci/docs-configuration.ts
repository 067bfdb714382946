import type { DocumentedVerb } from '#cli/documented-verbs.ts';
import { variablesOf } from '#config/short-names.ts';
import { isNamed, type Setting, sectionsOf } from './docs-settings.ts';
import { allVerbs, headingOf, plain } from './docs-verbs.ts';

/** The text of docs/configuration.md. */
export async function configurationReference(): Promise<string> {
  const verbs = await allVerbs();
  const sections = sectionsOf().flatMap(({ name, description, settings }) => {
    const users = settings.map((one) => usersOf(one, verbs));
    const common = users.every((one) => one === users[0]) ? users[0] : undefined;
    return [
      `## ${name ?? 'Top level'}`,
      common === undefined ? description : `${description} Used by ${common}.`,
      ...settings.map((one, i) => paragraphOf(one, common === undefined ? users[i] : undefined)),
    ];
  });
  const heading = '<!-- Made by `make docs` from src/config: edit the files there. -->\n\n# Configuration';
  return `${[heading, introduction, ...sections].join('\n\n')}\n`;
}

/** Links to the verbs that use a setting. */
function usersOf(setting: Setting, verbs: readonly DocumentedVerb[]): string {
  const users = verbs.filter(({ verb }) => isNamed(setting, verb?.settings));
  return users.map((one) => `[\`${headingOf(one)}\`](cli.md#${headingOf(one).replaceAll(' ', '-')})`).join(', ');
}

const introduction = `Every setting can be given in four ways. Of several, the first in this list wins:

1. an option of the command line, where a verb has one for it ([Command line](cli.md));
2. an environment variable: \`ATTUNE__SECTION__KEY\`, and for some settings a shorter name. With \`_FILE\` at its end, the
   variable is the path of a file that holds the value, such as a mounted secret;
3. the YAML file of \`--config\`, else of \`ATTUNE_CONFIG\`, and [more files](#files-of-attunes-rust-control-plane);
4. the default.

\`\`\`yaml
database: { url: postgres://attune@db/attune }
message_queue: { url: amqps://attune@mq }
worker:
  name: gpu-1
  labels: { zone: a }
  taints: [{ key: dedicated, value: ml, effect: no_schedule }]
packs_base_dir: /opt/attune/packs
\`\`\`

A setting that nobody knows is left out, with a warning that suggests the nearest name. \`attune-agent --print-config\` shows the result, with secrets
masked. Three variables are no settings: \`ATTUNE_SUPERVISE\` (\`1\`: the program is also an init that forwards signals and
reaps orphans, \`0\`: it is not, as PID 1 neither; unset: it is one as PID 1), \`ATTUNE_CONFIG\`, and \`NO_COLOR\`.

### Files of Attune's Rust control plane

A \`config.yaml\` of that system is taken as it is. A worker, \`migrate\`, \`doctor\`, \`health\` and the verbs that work on
the database or on environments read the files that it reads: that of \`ATTUNE_CONFIG\`, else the \`config.yaml\` of the
working directory where that has a section \`message_queue\`; and over it, where there is one, the
\`config.ENVIRONMENT.yaml\` of the working directory, with the value of \`ATTUNE__ENVIRONMENT\` or \`development\`. A file that
is named by \`--config\` stands alone. Settings of that system that nothing here uses are known by name and left out;
\`log.level: debug\` shows which. A key without a value (\`name: null\`) was not given, and a variable may name a part of a
map: \`ATTUNE__WORKER__LABELS__ZONE\`.`;

function paragraphOf(setting: Setting, users: string | undefined): string {
  const { name, description = '' } = setting;
  const facts = [
    `- Environment: ${variablesOf(name)
      .map((one) => `\`${one}\``)
      .join(' or ')}`,
    `- Type: ${typeOf(setting)}`,
    `- Default: ${defaultOf(setting)}`,
    ...(users === undefined ? [] : [`- Used by: ${users}`]),
  ];
  return [`### ${name}`, `${description}.`, facts.join('\n')].join('\n\n');
}

/** The type of a setting with its bounds, in words. */
function typeOf({ kind, type = 'text', ...facts }: Setting): string {
  if (kind !== undefined) return kind;
  if (facts.enum) return facts.enum.map((one) => `\`${one}\``).join(' or ');
  const bounds = [
    ...(facts.exclusiveMinimum === undefined ? [] : [`more than ${facts.exclusiveMinimum}`]),
    ...(facts.minimum === undefined ? [] : [`at least ${facts.minimum}`]),
    /* Zod's own bound of whole numbers, which says nothing. */
    ...(facts.maximum === undefined || facts.maximum === Number.MAX_SAFE_INTEGER ? [] : [`at most ${facts.maximum}`]),
    ...(facts.minLength === undefined || facts.minLength === 1 ? [] : [`at least ${facts.minLength} characters`]),
    ...(facts.maxLength === undefined ? [] : [`at most ${facts.maxLength} characters`]),
  ];
  const names: Readonly<Record<string, string>> = { string: 'text', integer: 'whole number' };
  return [names[type] ?? type, ...bounds].join(', ');
}

function defaultOf({ initial, unset }: Setting): string {
  if (unset !== undefined) return plain(unset);
  return initial === undefined ? 'none' : `\`${initial}\``;
}
