import type { WorkerView } from '#domain/client-store.ts';
import { workerId } from '#domain/ids.ts';
import { readCapabilities } from './capabilities.ts';

export interface WorkerRow {
  readonly id: string | number;
  readonly name: string;
  readonly worker_type: WorkerView['workerType'];
  readonly host: string | null;
  readonly status: WorkerView['status'];
  readonly capabilities: unknown;
  readonly cordoned: boolean | number;
  readonly cordon_reason: string | null;
  readonly paused: string | null;
  readonly is_fresh: boolean | number | null;
  readonly assigned: number;
  readonly silent_ms?: number | null;
  readonly agent_version?: string | null;
}

export function readWorkerView(row: WorkerRow): WorkerView {
  return {
    worker: workerId(row.id),
    name: row.name,
    workerType: row.worker_type,
    host: row.host ?? '',
    status: row.status,
    isFresh: Boolean(row.is_fresh),
    isCordoned: Boolean(row.cordoned),
    cordonReason: row.cordon_reason ?? undefined,
    pausedFor: row.paused ?? undefined,
    assigned: row.assigned,
    silentMs: row.silent_ms == null ? undefined : Math.max(0, row.silent_ms),
    agentVersion: row.agent_version ?? undefined,
    ...readCapabilities(row.capabilities),
  };
}
