import type { Verb, VerbGroup, VerbList } from './verb.ts';

/** A verb or a group of verbs that the documentation shows. */
export interface DocumentedVerb {
  /** As it is called, without the name of the program; empty for the call without a verb. */
  readonly name: string;
  readonly summary: string;
  /** Undefined: a group. */
  readonly verb: Verb | undefined;
  readonly examples: VerbGroup['examples'];
  /** The verb of a group whose work is done where no verb follows. */
  readonly alone?: string | undefined;
}

/** The call without a verb, then all verbs in the order of the help, each group before its verbs. */
export async function documentedVerbs(root: Verb, verbs: VerbList): Promise<readonly DocumentedVerb[]> {
  const own = {
    name: '',
    summary: 'Runs a worker, or all of Attune with `--standalone`',
    verb: root,
    examples: root.examples,
  };
  return [own, ...(await visibleVerbs(verbs, ''))];
}

const ALONE = 'list';

/** The verb of a list whose work is done where none is called. */
export function defaultOf(list: VerbList): string | undefined {
  return Object.hasOwn(list, ALONE) ? ALONE : undefined;
}

async function visibleVerbs(list: VerbList, prefix: string): Promise<readonly DocumentedVerb[]> {
  const visible = Object.entries(list).filter(([, { isHidden }]) => !isHidden);
  const found = visible.map(async ([word, { summary, load, verbs: inner = {}, examples }]) => {
    const name = `${prefix}${word}`;
    const verb = (await load?.())?.verb;
    const own = { name, summary, verb, examples: verb?.examples ?? examples ?? [], alone: defaultOf(inner) };
    return [own, ...(await visibleVerbs(inner, `${name} `))];
  });
  return (await Promise.all(found)).flat();
}
