import { packs } from './pack-verbs.ts';
import type { VerbList } from './verb.ts';

/** All verbs, in the order of the help. */
export const verbs: VerbList = {
  run: { summary: 'Runs one action or script here and now', load: () => import('./commands/run.ts') },
  server: {
    summary: 'Runs the control plane: API, scheduler and monitor, on PostgreSQL and RabbitMQ',
    load: () => import('./commands/server.ts'),
  },
  migrate: { summary: 'Brings the schema of the database up to date', load: () => import('./commands/migrate.ts') },
  provision: {
    summary: 'Makes logins and the token of workers, of secrets that exist already',
    load: () => import('./commands/provision.ts'),
  },
  webhook: {
    summary: 'Makes workers of the Pods of Kubernetes that ask for it',
    load: () => import('./commands/webhook.ts'),
  },
  health: {
    summary: 'Reports whether the agent of this container is ready',
    load: () => import('./commands/health.ts'),
  },
  submit: {
    summary: 'Requests an execution, shows its log and its result',
    load: () => import('./commands/submit.ts'),
  },
  executions: { summary: 'Lists the newest executions, or shows one', load: () => import('./commands/executions.ts') },
  logs: { summary: 'Shows the log of an execution', load: () => import('./commands/logs.ts') },
  cancel: { summary: 'Asks for the end of an execution', load: () => import('./commands/cancel.ts') },
  rerun: { summary: 'Requests an execution once more', load: () => import('./commands/rerun.ts') },
  artifacts: {
    summary: 'Lists or downloads the files that executions have left',
    load: () => import('./commands/artifacts.ts'),
  },
  workers: {
    summary: 'Workers and what they offer',
    examples: [
      ['attune-agent workers', 'Lists the workers with their states, free slots and runtimes'],
      ['attune-agent workers show gpu-1', 'Shows the state, labels, taints and runtimes of gpu-1'],
    ],
    verbs: {
      list: {
        summary: 'Lists the workers and what they offer',
        load: () => import('./commands/workers.ts'),
      },
      show: { summary: 'Shows a worker', load: () => import('./commands/workers-show.ts') },
      assign: {
        summary: 'Reserves a worker name for one login or token, and prints the grants it needs',
        load: () => import('./commands/workers-assign.ts'),
      },
      remove: {
        summary: 'Removes a worker that is gone from the list',
        load: () => import('./commands/workers-remove.ts'),
      },
    },
  },
  cordon: { summary: 'Gives a worker no new executions', load: () => import('./commands/cordon.ts') },
  uncordon: { summary: 'Lets a worker have new executions again', load: () => import('./commands/uncordon.ts') },
  runtimes: {
    summary: 'Lists the runtimes that the living workers offer',
    load: () => import('./commands/runtimes.ts'),
  },
  actions: {
    summary: 'Actions of the server',
    examples: [
      ['attune-agent actions', 'Lists the actions with their runtimes'],
      ['attune-agent actions show sample.stats', 'Shows what an action does, and its parameters'],
    ],
    verbs: {
      list: {
        summary: 'Lists the actions of the server',
        load: () => import('./commands/actions.ts'),
      },
      show: { summary: 'Shows an action with its parameters', load: () => import('./commands/actions-show.ts') },
    },
  },
  schedules: {
    summary: 'When actions are requested again and again',
    examples: [
      ['attune-agent schedules list', 'Lists the schedules with their next times'],
      [
        "attune-agent schedules create sample.stats '@daily' -p 'values=[1,2]'",
        'Requests an action each midnight in UTC',
      ],
    ],
    verbs: {
      list: {
        summary: 'Lists the schedules with their next times',
        load: () => import('./commands/schedules-list.ts'),
      },
      show: { summary: 'Shows a schedule', load: () => import('./commands/schedules-show.ts') },
      create: { summary: 'Makes a schedule of an action', load: () => import('./commands/schedules-create.ts') },
      pause: { summary: 'Requests nothing more by a schedule', load: () => import('./commands/schedules-pause.ts') },
      resume: { summary: 'Goes on with a schedule', load: () => import('./commands/schedules-resume.ts') },
      delete: { summary: 'Deletes a schedule', load: () => import('./commands/schedules-delete.ts') },
    },
  },
  webhooks: {
    summary: 'Who is told when executions end',
    examples: [
      [
        'attune-agent webhooks create https://example.com/hooks/attune --status failed',
        'Tells an address of each failure',
      ],
      ['attune-agent webhooks test 2', 'Sends webhook 2 a message'],
    ],
    verbs: {
      list: {
        summary: 'Lists who is told when executions end',
        load: () => import('./commands/webhooks-list.ts'),
      },
      show: { summary: 'Shows a webhook', load: () => import('./commands/webhooks-show.ts') },
      create: { summary: 'Tells an address when executions end', load: () => import('./commands/webhooks-create.ts') },
      test: { summary: 'Sends a message to try a webhook', load: () => import('./commands/webhooks-test.ts') },
      messages: {
        summary: 'Shows what has become of the messages of a webhook',
        load: () => import('./commands/webhooks-messages.ts'),
      },
      pause: { summary: 'Sends nothing to a webhook', load: () => import('./commands/webhooks-pause.ts') },
      resume: { summary: 'Sends to a webhook again', load: () => import('./commands/webhooks-resume.ts') },
      'renew-secret': {
        summary: 'Makes a new secret that signs the messages of a webhook',
        load: () => import('./commands/webhooks-renew-secret.ts'),
      },
      delete: { summary: 'Deletes a webhook', load: () => import('./commands/webhooks-delete.ts') },
      'callback-secret': {
        summary: 'Makes the secret that signs the callbacks of a token',
        load: () => import('./commands/webhooks-callback-secret.ts'),
      },
    },
  },
  keys: {
    summary: 'Secrets that the server stores for actions',
    examples: [
      ['attune-agent keys set smtp_password --pack mail < password.txt', 'Stores a secret for the actions of a pack'],
      ['attune-agent keys list', 'Lists the keys without their values'],
    ],
    verbs: {
      list: {
        summary: 'Lists the keys, without their values',
        load: () => import('./commands/keys-list.ts'),
      },
      show: { summary: 'Shows a key without its value', load: () => import('./commands/keys-show.ts') },
      set: { summary: 'Stores a value, encrypted', load: () => import('./commands/keys-set.ts') },
      delete: { summary: 'Deletes a key', load: () => import('./commands/keys-delete.ts') },
    },
  },
  packs,
  schema: { summary: 'Prints the JSON Schema of a file, for editors', load: () => import('./commands/schema.ts') },
  environments: {
    summary: 'What is installed or compiled for packs',
    examples: [
      ['attune-agent environments status', 'Lists what is being built, what is ready, and what failed and why'],
      ['attune-agent environments prune --days 7', 'Removes what has not been used for a week'],
    ],
    verbs: {
      list: {
        summary: 'Lists the environments of this machine',
        load: () => import('./commands/environments-list.ts'),
      },
      status: {
        summary: 'Lists environment builds on all workers, as recorded by the server',
        load: () => import('./commands/environments-status.ts'),
      },
      build: { summary: 'Builds environments ahead of use', load: () => import('./commands/environments-build.ts') },
      prune: {
        summary: 'Removes environments that nobody uses',
        load: () => import('./commands/environments-prune.ts'),
      },
    },
  },
  token: {
    summary: 'Tokens of the API, on the database itself',
    examples: [
      [
        'attune-agent token create --name laptop --scope read,submit',
        'Makes a token for a person who submits executions',
      ],
      ['attune-agent token list', 'Lists the tokens with their scopes and states'],
    ],
    verbs: {
      create: { summary: 'Makes a token and prints it', load: () => import('./commands/token-create.ts') },
      list: {
        summary: 'Lists the tokens, without their secrets',
        load: () => import('./commands/token-list.ts'),
      },
      show: { summary: 'Shows a token without its secret', load: () => import('./commands/token-show.ts') },
      revoke: { summary: 'Makes a token worthless at once', load: () => import('./commands/token-revoke.ts') },
    },
  },
  login: { summary: 'Keeps the address of a server and a token for it', load: () => import('./commands/login.ts') },
  contexts: {
    summary: 'Servers that login has kept',
    examples: [
      ['attune-agent contexts', 'Lists the servers that login has kept, without their tokens'],
      ['attune-agent contexts use lab', 'Calls the server of the context lab from now on'],
    ],
    verbs: {
      list: {
        summary: 'Lists the servers that login has kept',
        load: () => import('./commands/contexts.ts'),
      },
      show: { summary: 'Shows a context, or the current one', load: () => import('./commands/contexts-show.ts') },
      use: { summary: 'Makes a context the current one', load: () => import('./commands/contexts-use.ts') },
      delete: { summary: 'Removes a context, as logout does', load: () => import('./commands/contexts-delete.ts') },
    },
  },
  logout: { summary: 'Removes what login has kept', load: () => import('./commands/logout.ts') },
  audit: { summary: 'Lists who asked for which change, newest first', load: () => import('./commands/audit.ts') },
  doctor: {
    summary: 'Reports what will not work in this container, why, and what mends it',
    load: () => import('./commands/doctor.ts'),
  },
  'self-test': {
    summary: 'Runs a script in every runtime found here, and prints TAP',
    load: () => import('./commands/self-test.ts'),
  },
  install: { summary: 'Copies this program into a directory, atomically', load: () => import('./commands/install.ts') },
  verify: {
    summary: 'Prints the SHA-256 of a file, and checks it and the signature',
    load: () => import('./commands/verify.ts'),
  },
  licenses: {
    summary: 'Lists what this file is made of, and under which licences',
    load: () => import('./commands/licenses.ts'),
  },
  version: { summary: 'Prints what this file is', load: () => import('./commands/version.ts') },
  completions: { summary: 'Prints completions for a shell', load: () => import('./commands/completions.ts') },
  admit: {
    summary: 'Does what workers assign does, under its former name',
    load: () => import('./commands/workers-assign.ts'),
    isHidden: true,
  },
  _aside: {
    summary: 'Does one piece of work for another process of the agent',
    load: () => import('./commands/aside.ts'),
    isHidden: true,
  },
  _orphan: {
    summary: 'Leaves a process without a parent, for doctor',
    load: () => import('./commands/orphan.ts'),
    isHidden: true,
  },
};
