import type { VerbGroup } from './verb.ts';

/** The verbs about packs, those of the server and those that somebody writes here. */
export const packs: VerbGroup = {
  summary: 'Packs of the server',
  examples: [
    ['attune-agent packs install ./mail', 'Sends the pack in that directory to the server'],
    ['attune-agent packs list', 'Lists the packs of the server with their versions'],
  ],
  verbs: {
    list: {
      summary: 'Lists the packs of the server',
      load: () => import('./commands/packs-list.ts'),
    },
    new: { summary: 'Makes a pack with one action and its test', load: () => import('./commands/packs-new.ts') },
    validate: { summary: 'Checks a pack here', load: () => import('./commands/packs-validate.ts') },
    test: { summary: 'Runs the test cases of a pack here', load: () => import('./commands/packs-test.ts') },
    show: { summary: 'Lists the actions of a pack', load: () => import('./commands/packs-show.ts') },
    install: { summary: 'Sends a pack to the server', load: () => import('./commands/packs-install.ts') },
    dev: {
      summary: 'Checks, runs and tests a pack again whenever a file of it changes',
      load: () => import('./commands/packs-dev.ts'),
    },
    rollback: {
      summary: 'Goes back to the version of a pack before the current one',
      load: () => import('./commands/packs-rollback.ts'),
    },
    remove: { summary: 'Removes a pack from the server', load: () => import('./commands/packs-remove.ts') },
  },
};
