import { offering, option } from '#cli/parameter.ts';

/** The options that say whose key is meant, where its name alone is given. */
export const keyOwnerOptions = () => ({
  action: offering('actions', option('--action <ref>', 'The key of that name of one action', { conflicts: ['pack'] })),
  pack: offering('packs', option('--pack <ref>', 'The key of that name of one pack')),
});

/** The ref of a key that is given by its ref, or by its name and its owner. */
export function refOfKey(name: string, action: string | undefined, pack: string | undefined): string {
  if (action !== undefined) return `action.${action}.${name}`;
  if (pack !== undefined) return `pack.${pack}.${name}`;
  return name.includes('.') ? name : `system.${name}`;
}
