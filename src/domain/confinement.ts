/** The packs and actions to which a token is confined: nothing of any other one exists for it. */
export interface Confinement {
  readonly packs: readonly string[];
  readonly actions: readonly string[];
}

/** Tells whether an action is one that a confinement lets through; undefined: all of them are. */
export function letsThrough(confinedTo: Confinement | undefined, actionRef: string): boolean {
  return !confinedTo || confinedTo.actions.includes(actionRef) || confinedTo.packs.includes(packOf(actionRef));
}

/** Tells whether a confinement lets through the whole of a pack: what is not of its actions alone is seen by nobody else. */
export function letsThroughPack(confinedTo: Confinement | undefined, packRef: string): boolean {
  return !confinedTo || confinedTo.packs.includes(packRef);
}

/** The packs of which a confinement lets something through. */
export function packsSeen({ packs, actions }: Confinement): readonly string[] {
  return [...new Set([...packs, ...actions.map(packOf)])];
}

/** The pack of an action: the names of packs have no dots. */
function packOf(actionRef: string): string {
  const [packRef = ''] = actionRef.split('.', 1);
  return packRef;
}
