import type { Action, Pack } from '#domain/action.ts';
import type { Plan } from '#domain/schedule-store.ts';
import type { Store } from '#domain/store.ts';
import type { Capabilities, RegistrationRequest } from '#domain/worker.ts';
import { ledgerOf } from '#worker/keep-environments.ts';
import type { LedgerWorld } from './ledger-contract.ts';

export const pack: Pack = { ref: 'demo', label: 'Demo', version: '1.0.0', directory: '/packs/demo' };

/** One of the agent's own. */
export function runtime(name: string): Action['runtime'] {
  return { ref: `core.${name}`, name, config: undefined };
}

export function action(name: string, changes: Partial<Action> = {}): Action {
  return {
    ref: `demo.${name}`,
    label: name,
    description: undefined,
    runtime: runtime('shell'),
    runtimeVersion: undefined,
    requiredRuntimes: [],
    entryPoint: `/packs/demo/actions/${name}.sh`,
    parameterDelivery: 'stdin',
    parameterFormat: 'json',
    outputFormat: 'json',
    parameterSchema: undefined,
    outputSchema: undefined,
    timeoutSeconds: undefined,
    maxRetries: undefined,
    priority: 0,
    workerSelector: {},
    workerTolerations: [],
    workerAffinity: { required: [], preferred: [] },
    apiScopes: [],
    requestVariables: [],
    schedules: [],
    pack,
    ...changes,
  };
}

export function capabilities(changes: Partial<Capabilities> = {}): Capabilities {
  return {
    runtimes: ['shell', 'python'],
    max_concurrent_executions: 4,
    worker_version: '0.1.0',
    agent_mode: true,
    agent_binary_name: 'attune-agent',
    agent_binary_version: '0.1.0',
    detected_interpreters: [{ name: 'shell', path: '/bin/sh', version: null }],
    runtime_versions: { python: ['3.12.1', '3.9.2'] },
    labels: { zone: 'a' },
    taints: [],
    ...changes,
  };
}

export function registrationRequest(name: string, changes: Partial<RegistrationRequest> = {}): RegistrationRequest {
  return {
    name,
    instance: crypto.randomUUID(),
    workerType: 'container',
    host: 'host-1',
    pid: 42,
    process: 'boot:1:42',
    capabilities: capabilities(),
    templates: [],
    ...changes,
  };
}

/** Everything to the first fresh worker. */
export const firstWorker: Plan = (requests, workers) => {
  const worker = workers.find((one) => one.isFresh);
  return worker ? requests.map(({ execution }) => ({ kind: 'dispatch', execution, worker: worker.worker })) : [];
};

/** Holders are workers of one database. */
export function ledgerWorld(open: () => Promise<Store>): () => Promise<LedgerWorld> {
  return async () => {
    const store = await open();
    await store.savePack({ pack, runtimes: [], actions: [] });
    let count = 0;
    return {
      join: async () => {
        const who = registrationRequest(`w${count++}`);
        const registered = await store.register(who, 60_000);
        if (registered.kind !== 'registered') throw new Error('not registered');
        return ledgerOf(store, { worker: registered.worker, instance: who.instance });
      },
      [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
    };
  };
}
